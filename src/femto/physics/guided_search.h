// Which cell of a running sum a uniform number falls into, for many numbers at once.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace femto {

/// Cells with probabilities proportional to the steps of a running sum. Short searches
/// bisect, long ones start from a table of where equal parts of (0, 1) begin; both give
/// the same cells. Const and thread-safe.
class GuidedSearch {
 public:
  GuidedSearch() = default;

  /// sums: [cell + 1], from 0, not falling, ending above 0.
  explicit GuidedSearch(std::vector<double> sums);

  /// Other sums in the same memory. `fill` is given [cell + 1] numbers to replace. Nobody
  /// else may use the search meanwhile.
  template <class Fill>
  void assign(std::size_t size, const Fill& fill) {
    sums_.resize(size);
    fill(std::span<double>(sums_));
    prepare();
  }

  /// [cell + 1]
  std::span<const double> sums() const { return sums_; }

  double total() const { return sums_.back(); }

  std::size_t cells() const { return sums_.size() - 1; }

  /// cell[n]: the last that has probability and starts at or below u[n] * total(), for
  /// u in (0, 1). `long_draw`: how many numbers the caller will look up in all.
  void find(std::size_t long_draw,
            std::size_t n,
            const double* u,
            std::int32_t* cell) const;

 private:
  void prepare();
  void build_guide() const;

  std::vector<double> sums_;
  std::int32_t last_ = 0;  // last cell with probability

  struct Guide {
    std::atomic<bool> built = false;
    std::mutex building;
    std::vector<std::int32_t> start;  // [part] the cell in which it starts
    std::vector<double> ends;         // [cell], infinite for the last with probability
  };

  std::unique_ptr<Guide> guide_ = std::make_unique<Guide>();
};

}  // namespace femto
