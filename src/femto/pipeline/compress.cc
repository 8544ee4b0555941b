// Groups of neighbouring events replaced by their means.
#include "femto/pipeline/compress.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "femto/core/threads.h"

namespace femto {

namespace {

constexpr std::size_t smallest = 20'000;

/// Ends of the groups of n sorted events; groups hold at most n / parts of them.
std::vector<std::size_t> group_ends(std::size_t n, std::size_t parts) {
  std::vector<std::size_t> ends;
  const std::size_t most = std::max<std::size_t>(1, n / parts);
  for (std::size_t at = 0; at < n;) {
    const std::size_t edge = std::min(at, n - 1 - at);
    std::size_t size = std::clamp<std::size_t>(edge / 16, 1, most);
    // A group that begins before the middle must not swallow the other tail.
    while (size > 1 && size > (n - at) / 16 + 1) size /= 2;
    at = std::min(n, at + size);
    ends.push_back(at);
  }
  return ends;
}

double mean_of(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

/// The mean of sorted values; the middle one where they lie on both sides of a jump of
/// the density.
double middle_of(std::span<const double> x, const std::vector<double>& breaks) {
  for (const double at : breaks)
    if (x.front() < at && at < x.back()) return x[x.size() / 2];
  return mean_of(x);
}

/// Every column for itself: the pairing of channels does not count.
io::EventTable lines(const std::vector<Channel>& channels, const io::EventTable& events) {
  const auto ends = group_ends(events.rows(), 1000);
  io::EventTable out(events.columns(), ends.size(), io::Weighted::yes);
  parallel_for(events.columns().size(), [&](std::size_t c) {
    const auto column = events.column(c);
    std::vector<double> sorted(column.begin(), column.end());
    std::ranges::sort(sorted);
    std::size_t begin = 0;
    for (std::size_t g = 0; g < ends.size(); begin = ends[g++])
      out.column(c)[g] =
          middle_of({sorted.data() + begin, ends[g] - begin}, channels[c].axes[0].breaks);
  });
  for (std::size_t g = 0; g < ends.size(); ++g)
    out.weights()[g] = static_cast<double>(ends[g] - (g == 0 ? 0 : ends[g - 1]));
  return out;
}

struct Point {
  double x, y;
};

/// Strips in the first column, groups in the second within each.
io::EventTable plane(const io::EventTable& events) {
  std::vector<Point> all(events.rows());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = {events.column(0)[i], events.column(1)[i]};
  std::ranges::sort(all, {}, &Point::x);
  const auto strips = group_ends(all.size(), 100);
  std::vector<std::vector<std::array<double, 3>>> groups(strips.size());
  parallel_for(strips.size(), [&](std::size_t s) {
    const std::size_t first = s == 0 ? 0 : strips[s - 1];
    const std::span strip(all.data() + first, strips[s] - first);
    std::ranges::sort(strip, {}, &Point::y);
    std::size_t begin = 0;
    for (const auto end : group_ends(strip.size(), 100)) {
      const double count = static_cast<double>(end - begin);
      double x = 0, y = 0;
      for (; begin < end; ++begin) {
        x += strip[begin].x;
        y += strip[begin].y;
      }
      groups[s].push_back({x / count, y / count, count});
    }
  });
  std::size_t rows = 0, row = 0;
  for (const auto& strip : groups) rows += strip.size();
  io::EventTable out(events.columns(), rows, io::Weighted::yes);
  for (const auto& strip : groups)
    for (const auto& [x, y, count] : strip) {
      out.column(0)[row] = x;
      out.column(1)[row] = y;
      out.weights()[row++] = count;
    }
  return out;
}

}  // namespace

std::optional<io::EventTable> compressed(const Theory& theory,
                                         const io::EventTable& events) {
  if (events.rows() < smallest || events.weighted()) return {};
  const auto& channels = theory.channels();
  if (std::ranges::all_of(channels, [](const auto& c) { return c.axes.size() == 1; }))
    return lines(channels, events);
  const auto smooth = [](const Axis& axis) { return axis.breaks.empty(); };
  if (channels.size() == 1 && channels[0].axes.size() == 2 &&
      std::ranges::all_of(channels[0].axes, smooth))
    return plane(events);
  return {};
}

}  // namespace femto
