// Intervals by toys at every value of a quantity, as Feldman and Cousins made them.
#include <algorithm>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/interrupt.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/confidence_belt.h"
#include "femto/pipeline/modes.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/toy_data.h"

namespace femto {
namespace {

using config::field;
using nlohmann::ordered_json;

struct Settings {
  std::vector<std::string> of;
  int toys = 300;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::of>(
            {.doc = "parameters and derived quantities; each costs the fits of about 13 "
                    "times `toys` data sets",
             .rule = config::not_empty,
             .required = true}),
        field<&Settings::toys>({.doc = "toys at each value of a quantity",
                                .rule = config::between(20, 1'000'000)}),
    };
  }
};

/// Everything that the function of one toy refers to.
struct ToyKept {
  Dataset data;
  SideInformation side;
  std::optional<Task> task;
  stats::Function f;
};

/// Toys like the measured data: as many records, side information measured again.
ToyFactory toys_like(const Task& task, const SamplerPlan& plan, std::uint64_t seed) {
  return [&task, &plan, seed](std::span<const double> truth) -> ToyFunction {
    std::shared_ptr<const SamplerTable> table = plan.at(task.experiment.true_part(truth));
    return [&task, seed, table, theta = std::vector<double>(truth.begin(), truth.end())](
               std::uint64_t k) -> stats::Function {
      if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
      const ToyNumber number{seed, k};
      auto kept = std::make_shared<ToyKept>(
          ToyKept{Dataset(toy_events(task, *table, theta, task.data.records(), number)),
                  toy_side(task, theta, number),
                  {},
                  {}});
      kept->task.emplace(toy_task(task, kept->data, kept->side, number));
      kept->f = problem_of(*kept->task, theta).search();
      return [kept](std::span<const double> at) { return kept->f(at); };
    };
  };
}

ordered_json to_json(const Interval& i) {
  return {{"lo", i.lo}, {"hi", i.hi}, {"lo_open", i.lo_open}, {"hi_open", i.hi_open}};
}

ordered_json to_json(const std::string& name, const Belt& belt) {
  return {{"name", name},
          {"interval68", to_json(belt.level68)},
          {"interval95", to_json(belt.level95)},
          {"toys", belt.toys},
          {"failed", belt.failed}};
}

std::vector<io::Array> arrays_of(const std::string& name, const Belt& belt) {
  const auto column = [&](const char* key, const char* about, auto member) {
    io::Array a{
        "belt/" + name + "/" + key, {belt.points.size()}, {}, "1", {"point"}, about};
    for (const auto& p : belt.points) a.values.push_back(p.*member);
    return a;
  };
  return {
      column(
          "value", "Values of the quantity at which toys were drawn.", &BeltPoint::value),
      column("delta2nll", "2 Delta NLL of the data there.", &BeltPoint::rise),
      column("critical68",
             "What 68.27 % of toys drawn there stay below.",
             &BeltPoint::critical68),
      column("critical95",
             "What 95 % of toys drawn there stay below.",
             &BeltPoint::critical95)};
}

class FeldmanCousins final : public Analysis {
 public:
  using Config = Settings;

  explicit FeldmanCousins(Settings settings) : settings_(std::move(settings)) {}

  void check(const Theory& measured, const Objective& objective) const override {
    if (!objective.is_likelihood())
      throw Error("needs likelihood ratios, and the objective is not a likelihood",
                  "use objective: likelihood, or leave this analysis out");
    for (const auto& name : settings_.of) named_quantity(measured, name);
  }

  bool takes_spread_data() const override { return true; }

  Findings examine(const Fitted& fitted, Monitor& monitor) const override {
    const Task& task = fitted.task;
    auto problem = problem_of(task, fitted.theta);
    const auto all = quantities_of(task.theory);
    find_modes(problem, fisher(problem), all, task.seed);
    const auto plan = task.sampler.plan(task.experiment.truth());
    const auto factory = toys_like(task, *plan, toy_seed(task.seed, "feldman cousins"));
    Findings out;
    out.key = "feldman_cousins";
    out.result = ordered_json::array();
    for (std::size_t i = 0; i < settings_.of.size(); ++i) {
      const auto& name = settings_.of[i];
      const Quantity quantity = named_quantity(task.theory, name);
      if (!fisher_interval(fisher(problem), quantity, problem.theta).sd) {
        out.notes.push_back(fmt::format(
            "No interval by toys for {}: the data do not determine it.", name));
        continue;
      }
      const auto belt = confidence_belt(
          problem,
          quantity,
          factory,
          {settings_.toys, [&](std::size_t n, std::size_t of) {
             monitor.report({"toys", i * of + n, settings_.of.size() * of, {}});
           }});
      out.result.push_back(to_json(name, belt));
      for (auto& a : arrays_of(name, belt)) out.arrays.push_back(std::move(a));
      say_failed(name, belt, out.notes);
    }
    return out;
  }

 private:
  static void say_failed(const std::string& name,
                         const Belt& belt,
                         std::vector<std::string>& notes) {
    if (belt.failed * 100 > belt.toys)
      notes.push_back(
          fmt::format("{} of {} toys for {} could not be fitted: treat its interval by "
                      "toys with care.",
                      belt.failed,
                      belt.toys,
                      name));
  }

  Settings settings_;
};

}  // namespace

void register_analysis_feldman_cousins(Registry& r) {
  r.add<Analysis, FeldmanCousins>({
      .name = "feldman_cousins",
      .summary =
          "Intervals by toys at every value of a quantity: they cover at bounds and "
          "between several minima too.",
      .source = "Feldman:1998",
  });
}

}  // namespace femto
