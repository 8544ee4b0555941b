// Finds on each line where a cut lets events through.
#include "femto/pipeline/kept_part.h"

#include <algorithm>
#include <array>
#include <vector>

#include "femto/physics/panel_polynomials.h"
#include "femto/physics/panel_products.h"

namespace femto {
namespace {

/// Points at which a line is looked at, in units of its length.
constexpr std::array<double, 5> looks{0, 0.25, 0.5, 0.75, 1};
/// Halvings of a quarter of a line: to the last bits of a double.
constexpr int halvings = 50;

/// A border between a point that is cut and one that is kept.
struct Border {
  std::size_t line;
  double cut, kept;
};

/// Columns of points, asked at once.
class Points {
 public:
  void add(double x, double y) {
    x_.push_back(x);
    y_.push_back(y);
  }

  std::vector<double> inside(const Region& keeps) const {
    std::vector<double> out(x_.size());
    const double* const columns[] = {x_.data(), y_.data()};
    if (!out.empty()) keeps(out.size(), columns, out.data());
    return out;
  }

 private:
  std::vector<double> x_, y_;
};

void halve(const Region& keeps, const Lines& lines, std::vector<Border>& borders) {
  for (int step = 0; step < halvings; ++step) {
    Points middles;
    for (const auto& b : borders)
      middles.add(lines.x[b.line * lines.per_line], 0.5 * (b.cut + b.kept));
    const auto inside = middles.inside(keeps);
    for (std::size_t i = 0; i < borders.size(); ++i)
      (inside[i] != 0 ? borders[i].kept : borders[i].cut) =
          0.5 * (borders[i].cut + borders[i].kept);
  }
}

}  // namespace

void squeeze(const Region& keeps, const Lines& lines) {
  const std::size_t n = lines.lo.size();
  Points seen;
  const auto at = [&](std::size_t l, double t) {
    return lines.lo[l] + t * (lines.hi[l] - lines.lo[l]);
  };
  for (std::size_t l = 0; l < n; ++l)
    for (const double t : looks) seen.add(lines.x[l * lines.per_line], at(l, t));
  const auto inside = seen.inside(keeps);
  std::vector<double> from(lines.lo.begin(), lines.lo.end());
  std::vector<double> to(lines.hi.begin(), lines.hi.end());
  std::vector<Border> lower, upper;
  for (std::size_t l = 0; l < n; ++l) {
    const double* here = &inside[l * looks.size()];
    const auto first =
        std::find_if(here, here + looks.size(), [](double kept) { return kept != 0; });
    if (first == here + looks.size()) {
      to[l] = from[l];
      continue;
    }
    std::size_t low = static_cast<std::size_t>(first - here), high = looks.size() - 1;
    while (here[high] == 0) --high;
    if (low > 0) lower.push_back({l, at(l, looks[low - 1]), at(l, looks[low])});
    if (high + 1 < looks.size())
      upper.push_back({l, at(l, looks[high + 1]), at(l, looks[high])});
  }
  halve(keeps, lines, lower);
  halve(keeps, lines, upper);
  for (const auto& b : lower) from[b.line] = b.kept;
  for (const auto& b : upper) to[b.line] = b.kept;
  for (std::size_t l = 0; l < n; ++l) {
    const double scale = (to[l] - from[l]) / (lines.hi[l] - lines.lo[l]);
    for (std::size_t i = l * lines.per_line; i < (l + 1) * lines.per_line; ++i) {
      lines.y[i] = from[l] + (lines.y[i] - lines.lo[l]) * scale;
      lines.weight[i] *= scale;
    }
  }
}

Panels fine_enough(const Panels& panels) {
  constexpr double part = 1.0 / 40;
  const double width = part * (panels.hi() - panels.lo());
  return refined(panels.edges, [width](double) { return width; });
}

double kept_integral(const Intensity& in, const Region& keeps) {
  const Panels first = fine_enough(in.axes[0]);
  const Panels& second = in.axes[1];
  std::vector<double> x, y, weight, lo, hi;
  for (std::size_t i = 0; i < first.nodes(); ++i)
    for (std::size_t j = 0; j < second.nodes(); ++j) {
      x.push_back(first.x[i]);
      y.push_back(second.x[j]);
      weight.push_back(first.weight[i] * second.weight[j]);
      if (j % Panels::order != 0) continue;
      lo.push_back(second.edges[j / Panels::order]);
      hi.push_back(second.edges[j / Panels::order + 1]);
    }
  squeeze(keeps, {Panels::order, lo, hi, x, y, weight});
  for (double& v : x) v = in.axes[0].position(v);
  for (double& v : y) v = second.position(v);
  const double* const position[] = {x.data(), y.data()};
  constexpr std::size_t rows = PanelPolynomials::lanes;
  std::vector<double> value(x.size() * rows, 0.0);
  if (in.values.rows > 0)
    PanelPolynomials(in.axes, in.values).at(x.size(), position, rows, value.data());
  if (!in.products.empty())
    PanelProducts(in.axes, in.products).add(x.size(), position, rows, value.data());
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += weight[i] * value[i * rows];
  return sum;
}

}  // namespace femto
