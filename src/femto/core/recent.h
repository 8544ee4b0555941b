// What was computed last, kept for several threads that ask for the same.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace femto {

/// Values of a costly function of a parameter point, for the latest few points: a fit
/// asks for one point in many blocks of events. The first to ask computes, others wait.
template <class T>
class Recent {
 public:
  /// build() at a new point, what it returned at one that is still kept. If it throws,
  /// so does this, and the next to ask tries again.
  template <class Build>
  std::shared_ptr<const T> get(std::span<const double> point, const Build& build) {
    const auto entry = entry_for(point);
    std::call_once(entry->once, [&] { entry->value = build(); });
    return {entry, &entry->value};
  }

 private:
  struct Entry {
    std::vector<double> point;
    std::once_flag once;
    T value;
  };

  std::shared_ptr<Entry> entry_for(std::span<const double> point) {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
      if (entry && std::ranges::equal(entry->point, point)) return entry;
    auto& entry = entries_[next_++ % entries_.size()];
    entry = std::make_shared<Entry>();
    entry->point.assign(point.begin(), point.end());
    return entry;
  }

  std::mutex mutex_;
  std::array<std::shared_ptr<Entry>, 8> entries_;
  std::size_t next_ = 0;
};

}  // namespace femto
