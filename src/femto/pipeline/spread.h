// Events that several ranks hold a part of each, and what rank 0 asks about them.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "femto/exchange/questions.h"
#include "femto/pipeline/dataset.h"

namespace femto {

struct Plan;

/// Events that are summed together, whoever holds them: ranks hold whole pieces, and sums
/// over pieces follow one tree, so that values do not depend on the number of ranks.
inline constexpr std::size_t events_per_piece = 4096;

/// Which rank holds which events, and how rank 0 reaches the others.
class Spread {
 public:
  /// `others` outlives it; null on the ranks that answer.
  Spread(int rank, int ranks, exchange::Others* others = nullptr)
      : rank_(rank), ranks_(ranks), others_(others) {}

  int rank() const { return rank_; }

  int ranks() const { return ranks_; }

  /// The others, on rank 0; null on them.
  exchange::Others* others() const { return others_; }

  /// Pieces of rank r begin at bounds[r] and end at bounds[r + 1]: [rank + 1].
  std::vector<std::size_t> pieces(std::uint64_t rows) const;

  /// Rows of this rank.
  RowRange own(std::uint64_t rows) const;

 private:
  int rank_, ranks_;
  exchange::Others* others_;
};

/// What rank 0 may ask.
enum class Topic : std::uint64_t {
  load,     // read your events; answer: nothing
  sums,     // at theta: subtree sums, as UnbinnedLikelihood::own_sums
  explain,  // at theta: words about the first event with density zero
  count,    // in bins: counts
  sorted,   // a part of your events in order, see sorted.h
  chains,   // of a posterior, see chains.h
};

struct Question {
  Topic topic{};
  std::vector<double> numbers;
};

std::string to_bytes(const Question& question);
Question question_from(const std::string& bytes);

/// Values of a plain type as the bytes of an answer.
template <class T>
std::string packed(std::span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::string out(values.size_bytes(), '\0');
  if (!values.empty()) std::memcpy(out.data(), values.data(), values.size_bytes());
  return out;
}

template <class T>
std::vector<T> unpacked(const std::string& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

/// Why the ranks cannot hold a part of the events each in a run of this plan, as a
/// clause; empty if they can.
std::string why_not_spread(const Plan& plan);

}  // namespace femto
