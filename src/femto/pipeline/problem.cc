// Binds an objective to all events and, for searches, to compressed ones.
#include "femto/pipeline/problem.h"

#include <memory>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/pipeline/compress.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

stats::Function with_side(const Task& task,
                          const std::shared_ptr<const Criterion>& criterion) {
  const bool side = task.side.any();
  return [&task_side = task.side, &density = task.density, side, criterion](
             std::span<const double> theta) {
    auto e = criterion->evaluate(theta);
    if (!side) return e;
    const auto more = side_terms(task_side, density, theta);
    e.value += more.value;
    for (std::size_t i = 0; i < e.gradient.size(); ++i) e.gradient[i] += more.gradient[i];
    stats::add(e.curvature, 1, more.curvature);
    return e;
  };
}

/// Empty where the variance of the gradient is the curvature. Side terms are likelihoods.
std::function<Matrix(std::span<const double>)> variance_of(
    const Task& task,
    const std::shared_ptr<const Criterion>& criterion,
    std::span<const double> at) {
  if (!criterion->gradient_variance(at)) return {};
  return [&task_side = task.side, &density = task.density, criterion](
             std::span<const double> theta) {
    Matrix out = *criterion->gradient_variance(theta);
    if (task_side.any())
      stats::add(out, 1, side_terms(task_side, density, theta).curvature);
    return out;
  };
}

/// Null if the data cannot be compressed, or the objective learns from simulation: what
/// that costs does not depend on the number of events.
std::shared_ptr<const Criterion> quick_criterion(const Task& task) {
  if (task.weighting.replica != 0) return {};
  auto table = compressed(task.theory, task.data);
  if (!table) return {};

  struct Kept {
    Dataset data;
    std::unique_ptr<Criterion> criterion;
  };

  auto kept = std::make_shared<Kept>(Kept{Dataset(std::move(*table)), {}});
  kept->criterion = task.objective.bind({task.density, kept->data});
  if (!kept->criterion) return {};
  const Criterion* criterion = kept->criterion.get();
  return {std::move(kept), criterion};
}

}  // namespace

std::unique_ptr<Criterion> bound(const Task& task) {
  const SimulationSetup simulation{task.experiment, task.sampler, task.setup, task.seed};
  return task.objective.bind({task.density, task.data, task.weighting, &simulation});
}

std::vector<stats::Bound> box_of(const ParameterSetup& setup) {
  std::vector<stats::Bound> box;
  for (std::size_t j = 0; j < setup.parameters.size(); ++j)
    box.push_back({setup.parameters[j].lo,
                   setup.parameters[j].hi,
                   j < setup.fixed.size() && setup.fixed[j]});
  return box;
}

stats::Function function_of(const Task& task) {
  return with_side(task, bound(task));
}

IntervalProblem problem_of(const Task& task, std::span<const double> theta) {
  IntervalProblem p;
  p.is_likelihood = task.objective.is_likelihood();
  p.box = box_of(task.setup);
  p.theta.assign(theta.begin(), theta.end());
  if (!task.objective.is_function()) return p;
  const std::shared_ptr<const Criterion> criterion = bound(task);
  p.f = with_side(task, criterion);
  p.variance = variance_of(task, criterion, theta);
  if (p.is_likelihood)
    if (const auto quick = quick_criterion(task)) p.quick = with_side(task, quick);
  settle(p);
  return p;
}

std::vector<Quantity> quantities_of(const Theory& theory) {
  std::vector<Quantity> out;
  const auto& parameters = theory.parameters();
  for (std::size_t j = 0; j < parameters.size(); ++j)
    out.push_back(coordinate_quantity(parameters[j].name, j, parameters.size()));
  for (const auto& d : theory.derived()) out.push_back({d.name, d.value, d.gradient});
  return out;
}

Quantity named_quantity(const Theory& theory, const std::string& name) {
  std::string known;
  for (auto& q : quantities_of(theory)) {
    if (q.name == name) return std::move(q);
    known += (known.empty() ? "" : ", ") + q.name;
  }
  throw Error(fmt::format("there is no parameter or derived quantity '{}'", name),
              "choose among " + known);
}

}  // namespace femto
