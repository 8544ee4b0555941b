// The threads of a block, as kernels see them: one body runs on the CPU and on a GPU.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace femto::cuda {

/// A kernel is a struct of plain pointers and numbers with
///
///     static constexpr const char* name, int threads;
///     std::int64_t blocks() const;        how many blocks
///     std::size_t shared_bytes() const;   memory that the threads of a block share
///     operator()(team, block) const;      what one block does
///
/// and is written in phases: team.phase(f) calls f(thread) for every thread and ends with
/// a barrier. Within a phase no thread reads what another one writes. What a thread keeps
/// from one phase to the next is a Team::PerThread. The functions of these headers are
/// constexpr only so that nvcc compiles them for both sides (--expt-relaxed-constexpr).
struct Block {
  std::int64_t index = 0;
  std::byte* shared = nullptr;
};

/// Whether the host runs the threads of a phase from the first to the last, as needed to
/// show that no thread depends on another one within a phase.
enum class Order { ascending, descending };

/// A block on the CPU.
template <int count>
struct HostTeam {
  Order order = Order::ascending;

  template <class T>
  using PerThread = std::array<T, count>;

  template <class Phase>
  constexpr void phase(const Phase& work) const {
    for (int t = 0; t < count; ++t) work(order == Order::ascending ? t : count - 1 - t);
  }
};

/// Cuts a block's shared memory into arrays; without memory it only counts.
struct SharedMemory {
  std::byte* base = nullptr;
  std::size_t used = 0;

  template <class T>
  constexpr T* take(std::size_t count) {
    auto* at = base ? reinterpret_cast<T*>(base + used) : nullptr;
    used += (count * sizeof(T) + 15) / 16 * 16;
    return at;
  }
};

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Calls work(i) once for each i in [0, n), one i per thread; needs ceil_div(n, threads)
/// blocks.
template <int threads, class Team, class Work>
constexpr void each_index(const Team& team,
                          const Block& block,
                          std::int64_t n,
                          const Work& work) {
  team.phase([&](int t) {
    const std::int64_t i = block.index * threads + t;
    if (i < n) work(i);
  });
}

}  // namespace femto::cuda
