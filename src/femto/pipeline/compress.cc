// Groups of neighbouring events replaced by their means.
#include "femto/pipeline/compress.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "femto/core/threads.h"
#include "femto/pipeline/sorted.h"

namespace femto {

namespace {

constexpr std::size_t smallest = 20'000;

std::vector<io::Column> columns_for(const Theory& theory) {
  std::vector<io::Column> out;
  for (const auto& channel : theory.channels())
    for (const auto& axis : channel.axes)
      out.push_back({axis.column, axis.unit.empty() ? "1" : axis.unit});
  return out;
}

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

/// Calls visit(g, span) for group after group of values that come in blocks.
template <class T>
class Groups {
 public:
  Groups(const std::vector<std::size_t>& ends,
         std::function<void(std::size_t, std::span<const T>)> visit)
      : ends_(ends), visit_(std::move(visit)) {}

  void operator()(std::span<const T> block) {
    while (!block.empty()) {
      const std::size_t size = ends_[group_] - (group_ == 0 ? 0 : ends_[group_ - 1]);
      const std::size_t some = std::min(block.size(), size - begun_.size());
      if (some < size) begun_.insert(begun_.end(), block.begin(), block.begin() + some);
      if (some == size)
        visit_(group_++, block.first(size));
      else if (begun_.size() == size)
        visit_(group_++, std::exchange(begun_, {}));
      block = block.subspan(some);
    }
  }

 private:
  const std::vector<std::size_t>& ends_;
  std::function<void(std::size_t, std::span<const T>)> visit_;
  std::vector<T> begun_;  // of a group whose end has not come yet
  std::size_t group_ = 0;
};

/// On all threads, unless the others must be asked: one order of events at a time.
void for_each_column(const Dataset& data,
                     std::size_t columns,
                     const std::function<void(std::size_t)>& body) {
  if (!data.spread()) return parallel_for(columns, body);
  for (std::size_t c = 0; c < columns; ++c) body(c);
}

/// Every column for itself: the pairing of channels does not count.
io::EventTable lines(const Theory& theory, const Dataset& data) {
  const auto& channels = theory.channels();
  const auto ends = group_ends(data.rows(), 1000);
  io::EventTable out(columns_for(theory), ends.size(), io::Weighted::yes);
  for_each_column(data, channels.size(), [&](std::size_t c) {
    Groups<double> groups(ends, [&](std::size_t g, std::span<const double> x) {
      out.column(c)[g] = middle_of(x, channels[c].axes[0].breaks);
    });
    for_each_sorted(data, c, std::ref(groups));
  });
  for (std::size_t g = 0; g < ends.size(); ++g)
    out.weights()[g] = static_cast<double>(ends[g] - (g == 0 ? 0 : ends[g - 1]));
  return out;
}

/// Groups in the second column of one strip: x, y and weight of each.
std::vector<std::array<double, 3>> groups_of(std::vector<Point> strip) {
  std::ranges::sort(strip, {}, [](const Point& p) { return std::pair(p.y, p.x); });
  std::vector<std::array<double, 3>> out;
  std::size_t begin = 0;
  for (const auto end : group_ends(strip.size(), 100)) {
    const double count = static_cast<double>(end - begin);
    double x = 0, y = 0;
    for (; begin < end; ++begin) {
      x += strip[begin].x;
      y += strip[begin].y;
    }
    out.push_back({x / count, y / count, count});
  }
  return out;
}

/// Strips in the first column, groups in the second within each.
io::EventTable plane(const Theory& theory, const Dataset& data) {
  const auto ends = group_ends(data.rows(), 100);
  std::vector<std::vector<std::array<double, 3>>> groups(ends.size());
  Groups<Point> strips(ends, [&](std::size_t s, std::span<const Point> points) {
    groups[s] = groups_of({points.begin(), points.end()});
  });
  for_each_sorted_point(data, std::ref(strips));
  std::size_t rows = 0, row = 0;
  for (const auto& strip : groups) rows += strip.size();
  io::EventTable out(columns_for(theory), rows, io::Weighted::yes);
  for (const auto& strip : groups)
    for (const auto& [x, y, count] : strip) {
      out.column(0)[row] = x;
      out.column(1)[row] = y;
      out.weights()[row++] = count;
    }
  return out;
}

}  // namespace

std::optional<io::EventTable> compressed(const Theory& theory, const Dataset& data) {
  if (!data.in_memory() || data.rows() < smallest) return {};
  if (data.own_table() && data.own_table()->weighted()) return {};
  const auto& channels = theory.channels();
  if (std::ranges::all_of(channels, [](const auto& c) { return c.axes.size() == 1; }))
    return lines(theory, data);
  const auto smooth = [](const Axis& axis) { return axis.breaks.empty(); };
  if (channels.size() == 1 && channels[0].axes.size() == 2 &&
      std::ranges::all_of(channels[0].axes, smooth))
    return plane(theory, data);
  return {};
}

}  // namespace femto
