// What a loss answers to events while they are drawn.
#pragma once
#include <cstddef>
#include <functional>

namespace femto {

/// x[axis][n] of events first .. first + n - 1 -> upstream[axis][n], dL/d(event). Comes
/// in blocks, in any order and, for many events, from several threads.
using EventLoss = std::function<void(
    std::size_t first, std::size_t n, const double* const* x, double* const* upstream)>;

}  // namespace femto
