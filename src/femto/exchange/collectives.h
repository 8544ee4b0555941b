// What all ranks of a group do together, with results that do not depend on timing.
//
// The rule of every sum: ranks are the leaves 0 .. P-1 of a binary tree; at level k the
// sums of the blocks [i 2^k, (i+1) 2^k) with i even take those of their right neighbours,
// where there is one. The order in which messages arrive plays no part, and a rank that
// adds 2^k contributions of its own by the same rule (`tree_sum`) stands for 2^k ranks,
// so the result has the same bits for P and for P / 2^k ranks.
#pragma once
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// terms[0][i] <- sum over all terms, by the rule above. The other terms are overwritten.
template <std::floating_point T>
void tree_sum(std::span<T* const> terms, std::size_t n);

/// Piece `i` of `count` of [0, n): where it begins; piece i ends where i + 1 begins.
constexpr std::size_t cut(std::size_t n, int i, int count) {
  return n * static_cast<std::size_t>(i) / static_cast<std::size_t>(count);
}

/// Returns when all ranks have called it.
void barrier(Communicator& group, std::string_view what);

/// Copies the numbers of rank `root` to all ranks.
template <Number T>
void broadcast(Communicator& group,
               int root,
               std::span<T> numbers,
               std::string_view what);

/// all[r * mine.size() ...] <- the numbers of rank r. All ranks give equally many.
template <Number T>
void allgather(Communicator& group,
               std::span<const T> mine,
               std::span<T> all,
               std::string_view what);

/// A sum over ranks under way. Each rank adds one piece of the numbers and sends it to
/// the others: 2 (P-1) messages of n/P. Several may be under way with different tags;
/// all ranks give equally many numbers.
template <std::floating_point T>
class Reduction {
 public:
  /// Starts: numbers / divisor is what becomes of the sum. The numbers must not be
  /// touched before finish() returns.
  Reduction(Communicator& group,
            std::span<T> numbers,
            T divisor,
            std::string_view what,
            int tag = 0);

  /// Completes this rank's own piece, and only that one. All numbers may be written to
  /// afterwards.
  std::span<T> finish_own_piece();

  /// Completes all numbers.
  void finish();

 private:
  std::span<T> piece(int rank) const;

  Communicator& group_;
  std::span<T> numbers_;
  T divisor_;
  std::string what_;
  int tag_;
  bool own_done_ = false;
  std::vector<T> others_;  // this rank's piece as the others have it
  std::vector<Transfer> receives_, sends_;
};

/// Every rank gives its piece of the numbers (cut by `cut`) and gets all others.
template <Number T>
void gather_pieces(Communicator& group,
                   std::span<T> numbers,
                   std::string_view what,
                   int tag = 0);

/// numbers <- sum over ranks / divisor, the same bits on all ranks.
template <std::floating_point T>
void allreduce(Communicator& group,
               std::span<T> numbers,
               std::string_view what,
               T divisor = 1) {
  Reduction<T>(group, numbers, divisor, what).finish();
}

/// Throws ExchangeError if the weights of a rank differ in a single bit from rank 0's.
void check_same(Communicator& group, std::span<const float> weights, std::uint64_t step);

}  // namespace femto::exchange
