// What a sample is: events as they were measured, with what they truly were where that is
// known.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace femto {

/// Events of an unfolding. A simulation has all four kinds of them: generated and
/// detected, missed (generated only), fakes (detected only).
struct PairedEvents {
  std::vector<std::vector<double>> truth;     // [column][event]; empty: not known
  std::vector<std::vector<double>> measured;  // [column][event]
  std::vector<double> weight;                 // [event]
  std::vector<std::uint8_t> detected;         // [event] 1: has measured values
  std::vector<std::uint8_t> generated;        // [event] 1: has true values

  std::size_t size() const { return weight.size(); }
};

/// Data are not asked for their truth.
enum class Role { data, simulation };

/// What is wanted of a sample. Samples of different roles have their own random numbers.
struct SampleRequest {
  std::vector<std::string> truth;     // names of columns
  std::vector<std::string> measured;  // names of columns
  std::uint64_t seed = 1;             // for samples that are generated
  Role role = Role::simulation;
};

class SampleSource {
 public:
  static constexpr std::string_view kind = "sample";
  virtual ~SampleSource() = default;

  /// Throws DataError with file, column and row. Values that do not exist (measured ones
  /// of a missed event) are 0.
  virtual PairedEvents read(const SampleRequest& request) const = 0;

  /// For the record: a path, or what was generated.
  virtual std::string label() const = 0;
};

}  // namespace femto
