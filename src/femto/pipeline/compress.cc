// Groups of neighbouring events replaced by their means.
#include "femto/pipeline/compress.h"

#include <algorithm>
#include <vector>

#include "femto/core/threads.h"

namespace femto {

namespace {

constexpr std::size_t smallest = 20'000;

/// Ends of the groups of n sorted events.
std::vector<std::size_t> group_ends(std::size_t n) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < n;) {
    const std::size_t edge = std::min(at, n - 1 - at);
    std::size_t size = std::clamp<std::size_t>(edge / 16, 1, n / 1000);
    // A group that begins before the middle must not swallow the other tail.
    while (size > 1 && size > (n - at) / 16 + 1) size /= 2;
    at = std::min(n, at + size);
    ends.push_back(at);
  }
  return ends;
}

}  // namespace

std::optional<io::EventTable> compressed(const Theory& theory,
                                         const io::EventTable& events) {
  if (events.rows() < smallest || events.weighted()) return {};
  for (const auto& channel : theory.channels())
    if (channel.axes.size() != 1) return {};
  const auto ends = group_ends(events.rows());
  io::EventTable out(events.columns(), ends.size(), io::Weighted::yes);
  parallel_for(events.columns().size(), [&](std::size_t c) {
    const auto column = events.column(c);
    std::vector<double> sorted(column.begin(), column.end());
    std::ranges::sort(sorted);
    std::size_t begin = 0;
    for (std::size_t g = 0; g < ends.size(); begin = ends[g++]) {
      double sum = 0;
      for (std::size_t i = begin; i < ends[g]; ++i) sum += sorted[i];
      out.column(c)[g] = sum / static_cast<double>(ends[g] - begin);
    }
  });
  for (std::size_t g = 0; g < ends.size(); ++g)
    out.weights()[g] = static_cast<double>(ends[g] - (g == 0 ? 0 : ends[g - 1]));
  return out;
}

}  // namespace femto
