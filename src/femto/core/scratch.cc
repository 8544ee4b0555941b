#include "femto/core/scratch.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "femto/core/error.h"

namespace femto {
namespace {

constexpr std::size_t line = 64, usual_chunk = std::size_t{1} << 18;

std::size_t whole_lines(std::size_t bytes) {
  return (bytes + line - 1) / line * line;
}

class Stack final : public std::pmr::memory_resource {
  /// Before each block: the stack as it was without it.
  struct alignas(line) Block {
    Block* below = nullptr;
    std::size_t chunk = 0, used = 0;
    bool free = false;
  };

  struct Chunk {
    std::unique_ptr<Block[]> memory;
    std::size_t size;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    expect(alignment <= line, "scratch memory is aligned to cache lines");
    const std::size_t size = sizeof(Block) + whole_lines(bytes);
    const Block below{top_, chunk_, used_};
    while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < size)
      ++chunk_, used_ = 0;
    if (chunk_ == chunks_.size()) {
      const std::size_t all = std::max(size, usual_chunk);
      chunks_.push_back({std::make_unique_for_overwrite<Block[]>(all / line), all});
    }
    auto* at = reinterpret_cast<std::byte*>(chunks_[chunk_].memory.get()) + used_;
    top_ = new (at) Block(below);
    used_ += size;
    return top_ + 1;
  }

  void do_deallocate(void* p, std::size_t, std::size_t) override {
    (static_cast<Block*>(p) - 1)->free = true;
    while (top_ && top_->free) {
      chunk_ = top_->chunk, used_ = top_->used;
      top_ = top_->below;
    }
  }

  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::vector<Chunk> chunks_;
  Block* top_ = nullptr;
  std::size_t chunk_ = 0, used_ = 0;  // where the next block goes
};

}  // namespace

std::pmr::memory_resource* scratch() {
  thread_local Stack stack;
  return &stack;
}

}  // namespace femto
