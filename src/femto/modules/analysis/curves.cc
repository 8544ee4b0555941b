// Curves of the theory, such as u(x), with bands from the fit's covariance.
#include <algorithm>
#include <cmath>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/distributions.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

using config::field;

/// A curve and its gradient on a grid: values [x], gradient [x][parameter].
struct Drawn {
  std::vector<double> x, value;
  std::vector<std::vector<double>> gradient;
};

Drawn draw(const Curve& curve, std::span<const double> theta, std::size_t points) {
  Drawn out;
  for (std::size_t i = 0; i < points; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(points - 1);
    const double x = curve.lo + (curve.hi - curve.lo) * t;
    out.x.push_back(x);
    out.value.push_back(curve.value(x, theta));
    out.gradient.push_back(curve.gradient(x, theta));
  }
  return out;
}

/// Divides by the integral over the grid (Simpson's rule, odd number of points).
void normalise(Drawn& c) {
  const std::size_t n = c.x.size(), size = c.gradient.front().size();
  const double step = (c.x.back() - c.x.front()) / static_cast<double>(n - 1);
  double area = 0;
  std::vector<double> slope(size, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double end = i == 0 || i + 1 == n ? 1 : (i % 2 == 1 ? 4 : 2);
    const double w = end * step / 3;
    area += w * c.value[i];
    for (std::size_t j = 0; j < size; ++j) slope[j] += w * c.gradient[i][j];
  }
  for (std::size_t i = 0; i < n; ++i) {
    c.value[i] /= area;
    for (std::size_t j = 0; j < size; ++j)
      c.gradient[i][j] = (c.gradient[i][j] - c.value[i] * slope[j]) / area;
  }
}

bool determined(const Drawn& c, const Spectrum& spectrum) {
  return std::ranges::all_of(c.gradient,
                             [&](const auto& g) { return estimable(spectrum, g); });
}

class Curves final : public Analysis {
 public:
  struct Config {
    int points = 201;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::points>(
              {.doc = "points of each curve; rounded up to an odd number",
               .rule = config::at_least(3)}),
      };
    }
  };

  explicit Curves(Config config)
      : points_(static_cast<std::size_t>(config.points) | std::size_t{1}) {}

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor&) const override {
    Findings out;
    const Task& task = fitted.task;
    const auto information =
        expected_information(task.density, task.side, 1, fitted.theta);
    const Spectrum s = spectrum(information, task.setup.fixed);
    for (const auto& curve : task.theory.curves()) {
      Drawn estimate = draw(curve, fitted.theta, points_);
      const bool whole = determined(estimate, s);
      if (!whole) normalise(estimate);
      if (!whole && !determined(estimate, s)) {
        out.notes.push_back("The shape of " + curve.name +
                            " is not determined by these data; it is left out.");
        continue;
      }
      std::vector<double> truth;
      if (!fitted.truth.empty()) {
        Drawn t = draw(curve, fitted.truth, points_);
        if (!whole) normalise(t);
        truth = std::move(t.value);
      }
      add(out, curve, estimate, truth, fitted.covariance, whole);
    }
    return out;
  }

 private:
  static void add(Findings& out,
                  const Curve& curve,
                  const Drawn& drawn,
                  const std::vector<double>& truth,
                  const Matrix& covariance,
                  bool whole) {
    const std::string base = "bands/" + curve.name + "/";
    const std::string shape =
        whole ? ""
              : " Divided by its integral over the shown range: only the shape is "
                "determined by these data.";
    const auto put =
        [&](const char* name, std::vector<double> values, const std::string& about) {
          out.arrays.push_back({.name = base + name,
                                .shape = {values.size()},
                                .values = std::move(values),
                                .dims = {"point"},
                                .about = about + shape});
        };
    std::vector<double> sd;
    for (const auto& g : drawn.gradient) sd.push_back(deviation(covariance, g));
    put("x", drawn.x, "Points of the curve.");
    put("value", drawn.value, "The curve at the estimate.");
    if (!truth.empty()) put("truth", truth, "The curve at the truth.");
    if (std::ranges::all_of(sd, [](double v) { return v == 0; })) return;
    const auto edge = [&](double probability) {
      const double z = stats::normal_quantile(probability);
      std::vector<double> values;
      for (std::size_t i = 0; i < sd.size(); ++i)
        values.push_back(drawn.value[i] + z * sd[i]);
      return values;
    };
    const std::string how = " end of the band by linear error propagation.";
    put("lo68", edge(0.15865), "Lower 68 %" + how);
    put("hi68", edge(0.84135), "Upper 68 %" + how);
    put("lo95", edge(0.025), "Lower 95 %" + how);
    put("hi95", edge(0.975), "Upper 95 %" + how);
  }

  std::size_t points_;
};

}  // namespace

void register_analysis_curves(Registry& r) {
  r.add<Analysis, Curves>({
      .name = "curves",
      .summary =
          "Curves of the theory at the estimate, with 68 % and 95 % bands along the "
          "directions that the data determine.",
      .source = "this project",
  });
}

}  // namespace femto
