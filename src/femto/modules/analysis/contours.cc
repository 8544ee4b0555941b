// Contours of two quantities: the profile likelihood in their plane.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/modes.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/profile_plane.h"
#include "femto/stats/contour_lines.h"
#include "femto/stats/distributions.h"

namespace femto {
namespace {

using config::field;
using nlohmann::ordered_json;

struct Settings {
  std::vector<std::array<std::string, 2>> pairs;
  int points = 31;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::pairs>({.doc =
                                     "pairs of parameters or derived quantities, such "
                                     "as [[a_u, b_u]]; one of each pair is a parameter",
                                 .rule = config::not_empty,
                                 .required = true}),
        field<&Settings::points>({.doc =
                                      "points along each side of the plane; each costs "
                                      "a fit",
                                  .rule = config::between(11, 301)}),
    };
  }
};

PlaneAxis axis_of(const IntervalProblem& p,
                  const Theory& theory,
                  const std::string& name) {
  PlaneAxis axis{named_quantity(theory, name), parameter_index(theory, name), {}};
  const auto range = profile(p, axis.quantity).quoted.level95;
  if (!range) return axis;
  const double margin = 0.35 * (range->hi - range->lo);
  axis.range = {range->lo - margin, range->hi + margin, false, false};
  if (axis.parameter < 0) return axis;
  const auto& bound = p.box[static_cast<std::size_t>(axis.parameter)];
  axis.range.lo = std::max(axis.range.lo, bound.lo);
  axis.range.hi = std::min(axis.range.hi, bound.hi);
  return axis;
}

io::Array segments_array(const std::string& name,
                         const std::vector<stats::Segment>& lines) {
  io::Array a{name,
              {lines.size(), 4},
              {},
              "see result.json",
              {"segment", "x1_y1_x2_y2"},
              "Straight pieces of the contour, in no order."};
  for (const auto& s : lines) a.values.insert(a.values.end(), {s.x1, s.y1, s.x2, s.y2});
  return a;
}

void add_arrays(const std::string& at, const ProfilePlane& plane, Findings& out) {
  const auto ticks = [&](const char* key, const std::vector<double>& values) {
    return io::Array{at + "/" + key,
                     {values.size()},
                     values,
                     "see result.json",
                     {key},
                     "Grid of the profile likelihood of two quantities."};
  };
  out.arrays.push_back(ticks("x", plane.x));
  out.arrays.push_back(ticks("y", plane.y));
  out.arrays.push_back({at + "/delta2nll",
                        {plane.y.size(), plane.x.size()},
                        plane.rise.data,
                        "1",
                        {"y", "x"},
                        "2 Delta NLL with everything else fitted at each point."});
  const std::pair<const char*, double> levels[] = {{"contour68", level68},
                                                   {"contour95", level95}};
  for (const auto& [key, level] : levels)
    out.arrays.push_back(segments_array(
        at + "/" + key,
        stats::contour_lines(
            plane.x, plane.y, plane.rise, stats::chi_square_quantile(level, 2))));
}

class Contours final : public Analysis {
 public:
  using Config = Settings;

  explicit Contours(Settings settings) : settings_(std::move(settings)) {}

  void check(const Theory& measured, const Objective& objective) const override {
    if (!objective.is_likelihood())
      throw Error("needs likelihood ratios, and the objective is not a likelihood",
                  "use objective: likelihood, or leave this analysis out");
    for (const auto& pair : settings_.pairs) {
      for (const auto& name : pair) named_quantity(measured, name);
      if (pair[0] == pair[1])
        throw Error(fmt::format("a pair names {} twice", pair[0]),
                    "name two different quantities");
      if (parameter_index(measured, pair[0]) < 0 &&
          parameter_index(measured, pair[1]) < 0)
        throw Error(fmt::format("neither {} nor {} is a parameter", pair[0], pair[1]),
                    "pair a derived quantity with a parameter");
    }
  }

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor& monitor) const override {
    const Task& task = fitted.task;
    auto problem = problem_of(task, fitted.theta);
    find_modes(problem, fisher(problem), quantities_of(task.theory), task.seed);
    Findings out;
    out.key = "contours";
    out.result = ordered_json::array();
    for (const auto& pair : settings_.pairs) {
      const auto errors = fisher(problem);
      const bool known = std::ranges::all_of(pair, [&](const auto& name) {
        return fisher_interval(errors, named_quantity(task.theory, name), problem.theta)
            .sd.has_value();
      });
      if (!known) {
        out.notes.push_back(
            fmt::format("No contour of {} and {}: the data do not determine both.",
                        pair[0],
                        pair[1]));
        continue;
      }
      const auto plane =
          profile_plane(problem,
                        axis_of(problem, task.theory, pair[0]),
                        axis_of(problem, task.theory, pair[1]),
                        {settings_.points, [&](std::size_t done, std::size_t all) {
                           monitor.report({"contours", done, all, {}});
                         }});
      const std::string at = fmt::format("contour/{}_{}", pair[0], pair[1]);
      add_arrays(at, plane, out);
      out.result.push_back({{"x", pair[0]}, {"y", pair[1]}, {"arrays", at}});
    }
    return out;
  }

 private:
  Settings settings_;
};

}  // namespace

void register_analysis_contours(Registry& r) {
  r.add<Analysis, Contours>({
      .name = "contours",
      .summary =
          "68 % and 95 % contours of pairs of quantities, everything else profiled.",
      .source = "James:1975",
  });
}

}  // namespace femto
