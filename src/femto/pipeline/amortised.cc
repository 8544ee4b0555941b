// Lessons of an amortiser, and its draws for one data set.
#include "femto/pipeline/amortised.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "femto/config/describe.h"
#include "femto/core/error.h"
#include "femto/core/hash.h"
#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/pipeline/gauge.h"
#include "femto/pipeline/simulate.h"
#include "femto/pipeline/toy_data.h"
#include "femto/stats/importance.h"

namespace femto {
namespace {

constexpr const char* kept_in = "amortised";

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void refuse_what_events_do_not_know(const Task& task) {
  if (task.side.any())
    throw Error("norms, counts and constraints are not among the summaries of the events",
                "leave them out, or use intervals.method=posterior");
  for (std::size_t i = 0; i < task.experiment.instrument().nuisances().size(); ++i) {
    const std::size_t j = task.experiment.truth().parameters().size() + i;
    if (!task.setup.fixed[j])
      throw Error(fmt::format("the nuisance parameter '{}' has a constraint of which an "
                              "amortised posterior knows nothing",
                              task.setup.parameters[j].name),
                  "set its sd to 0, or use intervals.method=posterior");
  }
}

/// One simulated data set: truth as a point of the box, and its summaries.
void simulate_one(const Task& task,
                  const SamplerPlan& plan,
                  const Amortised& out,
                  std::uint64_t seed,
                  std::size_t k,
                  Lesson& lesson) {
  const auto stream = random::Stream::named(seed, "amortised truths", k);
  auto theta = std::vector<double>(task.setup.parameters.size());
  for (const auto& [j, value] : out.held) theta[j] = value;
  for (std::size_t i = 0; i < out.free.size(); ++i) {
    const auto& p = task.setup.parameters[out.free[i]];
    lesson.points(k, i) = random::uniform(stream, i);
    theta[out.free[i]] = p.lo + (p.hi - p.lo) * lesson.points(k, i);
  }
  const double share = random::uniform(stream, out.free.size());
  const double few = std::log(static_cast<double>(out.fewest)),
               many = std::log(static_cast<double>(out.most));
  const auto records =
      static_cast<std::uint64_t>(std::llround(std::exp(few + share * (many - few))));
  const auto table = plan.at(task.experiment.true_part(theta));
  const Dataset data(simulated(
      task.experiment, *table, theta, {toy_seed(seed, "amortised"), k}, records));
  const auto s = out.summaries->of(data, {});
  std::ranges::copy(s, lesson.summaries.row(k));
}

io::State state_of(const Amortised& a, const std::string& checksum) {
  io::State out;
  out.put_text("lesson", checksum);
  std::vector<std::int64_t> free(a.free.begin(), a.free.end()), held;
  std::vector<double> at;
  for (const auto& [j, value] : a.held) {
    held.push_back(static_cast<std::int64_t>(j));
    at.push_back(value);
  }
  out.put("free", std::span<const std::int64_t>(free));
  out.put("held", std::span<const std::int64_t>(held));
  out.put("held_at", std::span<const double>(at));
  out.put("fewest", static_cast<std::int64_t>(a.fewest));
  out.put("most", static_cast<std::int64_t>(a.most));
  out.put("simulations", static_cast<std::int64_t>(a.simulations));
  out.put("seconds", a.seconds);
  out.put_state("density", a.density->state());
  return out;
}

Amortised amortised_from(const io::State& state, const Plan& plan, std::string from) {
  if (state.text("lesson") != lesson_checksum(plan.study))
    throw Error(
        fmt::format(
            "the posterior in '{}' was learnt for another problem (theory, sampler, "
            "detector, boxes of the parameters or settings of the amortiser differ)",
            from),
        "leave out intervals.network to train anew, or use the study of that run");
  Amortised out;
  for (const auto j : state.integers("free"))
    out.free.push_back(static_cast<std::size_t>(j));
  const auto held = state.integers("held");
  const auto at = state.doubles("held_at");
  for (std::size_t i = 0; i < held.size(); ++i)
    out.held.emplace_back(static_cast<std::size_t>(held[i]), at.at(i));
  out.fewest = static_cast<std::uint64_t>(state.integer("fewest"));
  out.most = static_cast<std::uint64_t>(state.integer("most"));
  out.simulations = static_cast<std::uint64_t>(state.integer("simulations"));
  out.seconds = state.number("seconds");
  out.density = plan.amortiser->restore(state.state("density"));
  out.summaries = std::make_shared<Summaries>(
      plan.fitted(), plan.amortiser->plan().order, out.fewest < out.most);
  out.from = std::move(from);
  return out;
}

void check_records(const Amortised& a, std::uint64_t records) {
  if (records >= a.fewest && records <= a.most) return;
  throw Error(
      fmt::format("the amortised posterior knows data sets of {} records, these are {}",
                  a.fewest == a.most ? fmt::format("{}", a.fewest)
                                     : fmt::format("{} to {}", a.fewest, a.most),
                  records),
      "train with amortiser.fewest and amortiser.most around the numbers of your data");
}

}  // namespace

Summaries::Summaries(const Theory& measured, int order, bool counted)
    : counted_(counted) {
  for (const auto& channel : measured.channels()) {
    std::vector<stats::Range> ranges;
    for (const auto& a : channel.axes) ranges.push_back({a.lo, a.hi});
    axes_.push_back(ranges.size());
    functions_.emplace_back(std::move(ranges), static_cast<std::size_t>(order));
  }
}

std::size_t Summaries::count() const {
  std::size_t out = counted_;
  for (const auto& f : functions_) out += f.count();
  return out;
}

std::vector<double> Summaries::of(const Dataset& data, const Weighting& weighting) const {
  std::vector<double> sums(count() - counted_), phi, point, weights;
  double total = 0;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    weights.resize(chunk.rows());
    weighting.fill(first, chunk.weights(), weights);
    for (const double w : weights) total += w;
    std::size_t column = 0, at = 0;
    for (std::size_t c = 0; c < functions_.size(); ++c) {
      phi.resize(functions_[c].count());
      point.resize(axes_[c]);
      for (std::size_t i = 0; i < chunk.rows(); ++i) {
        for (std::size_t a = 0; a < axes_[c]; ++a) point[a] = chunk.column(column + a)[i];
        functions_[c].evaluate(point, phi);
        for (std::size_t t = 0; t < phi.size(); ++t) sums[at + t] += weights[i] * phi[t];
      }
      column += axes_[c];
      at += phi.size();
    }
  });
  for (double& s : sums) s /= total;
  if (counted_) sums.push_back(std::log(static_cast<double>(data.records())));
  return sums;
}

Amortised train_amortised(const Task& task,
                          const Amortiser& amortiser,
                          std::uint64_t records,
                          std::uint64_t seed,
                          const LessonProgress& progress) {
  refuse_what_events_do_not_know(task);
  const auto began = std::chrono::steady_clock::now();
  const auto wanted = amortiser.plan();
  Amortised out;
  out.simulations = wanted.simulations;
  out.fewest = wanted.fewest ? wanted.fewest : records;
  out.most = wanted.most ? wanted.most : records;
  const auto gauge = generic_gauge(task, static_cast<double>(out.most));
  for (std::size_t j = 0; j < task.setup.parameters.size(); ++j) {
    if (task.setup.fixed[j] || std::ranges::find(gauge, j) != gauge.end())
      out.held.emplace_back(j, task.setup.parameters[j].start);
    else
      out.free.push_back(j);
  }
  expect(!out.free.empty(), "an amortised posterior has free parameters");
  out.summaries = std::make_shared<Summaries>(
      task.experiment.measured(), wanted.order, out.fewest < out.most);
  Lesson lesson;
  lesson.points = Matrix(wanted.simulations, out.free.size());
  lesson.summaries = Matrix(wanted.simulations, out.summaries->count());
  lesson.seed = seed;
  const auto plan = task.sampler.plan(task.experiment.truth());
  std::atomic<std::uint64_t> done = 0;
  const Pieces pieces{wanted.simulations, 64};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
    for (std::size_t k = pieces.begin(piece); k < pieces.end(piece); ++k)
      simulate_one(task, *plan, out, seed, k, lesson);
    done += pieces.end(piece) - pieces.begin(piece);
    if (progress) progress("simulate", done, wanted.simulations);
  });
  lesson.progress = [&](std::uint64_t at, std::uint64_t all) {
    if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
    if (progress) progress("train", at, all);
  };
  out.density = amortiser.learn(lesson);
  out.seconds = seconds_since(began);
  return out;
}

std::string lesson_checksum(const Study& study) {
  std::string text;
  const auto add = [&](const auto& part) {
    text += config::to_yaml(config::encode(part)) + "\n---\n";
  };
  add(study.theory);
  add(study.sampler);
  add(study.detector);
  add(study.parameters);
  expect(study.amortiser.has_value(), "the study has an amortiser");
  add(*study.amortiser);
  return checksum(text);
}

Amortised obtain_amortised(const Plan& plan,
                           const Task& task,
                           std::uint64_t records,
                           const std::filesystem::path& folder,
                           const LessonProgress& progress) {
  const auto& given = plan.study.intervals.network;
  const auto from = given.empty() ? folder : given.file;
  const auto found =
      from.empty() ? std::nullopt : io::CheckpointFolder(from / kept_in).newest();
  if (!found && !given.empty())
    throw Error(fmt::format("'{}' holds no amortised posterior", given.file.string()),
                "give the folder of a run with intervals.method=amortised");
  Amortised out =
      found ? amortised_from(found->state, plan, from.string())
            : train_amortised(task, *plan.amortiser, records, plan.study.seed, progress);
  if (given.empty()) out.from.clear();  // this run's own
  check_records(out, records);
  if (!folder.empty() && (!found || !given.empty()))
    io::CheckpointFolder(folder / kept_in)
        .save(state_of(out, lesson_checksum(plan.study)));
  return out;
}

stats::Function weighing(const IntervalProblem& problem,
                         const IntervalSettings& settings) {
  return problem.is_likelihood && settings.correct ? problem.f : stats::Function();
}

Posterior draw_amortised(const Amortised& amortised,
                         const Task& task,
                         const stats::Function& likelihood,
                         const IntervalSettings& settings,
                         std::uint64_t seed) {
  const auto draws = static_cast<std::size_t>(settings.chains) *
                     static_cast<std::size_t>(settings.draws);
  check_records(amortised, task.data.records());
  const auto began = std::chrono::steady_clock::now();
  const auto summaries = amortised.summaries->of(task.data, task.weighting);
  const auto stream = random::Stream::named(seed, "amortised draws");
  const auto known = amortised.density->draw(summaries, draws, stream);
  std::vector<std::vector<double>> theta(draws);
  for (std::size_t i = 0; i < draws; ++i) {
    theta[i].resize(task.setup.parameters.size());
    for (const auto& [j, value] : amortised.held) theta[i][j] = value;
    for (std::size_t k = 0; k < amortised.free.size(); ++k) {
      const auto& p = task.setup.parameters[amortised.free[k]];
      theta[i][amortised.free[k]] = p.lo + (p.hi - p.lo) * known.points(i, k);
    }
  }
  Posterior out;
  out.learnt.emplace();
  out.learnt->simulations = amortised.simulations;
  out.learnt->from = amortised.from;
  out.learnt->training_s = amortised.seconds;
  out.learnt->strangeness = amortised.density->strangeness(summaries);
  for (const auto& [j, value] : amortised.held)
    if (!task.setup.fixed[j]) out.held.emplace_back(j, value);
  out.learnt->ess = static_cast<double>(draws);
  if (likelihood) {
    std::vector<double> log_ratios(draws);
    parallel_for(draws, [&](std::size_t i) {
      const double f = likelihood(theta[i]).value;
      log_ratios[i] = std::isfinite(f) ? -f - known.log_q[i]
                                       : -std::numeric_limits<double>::infinity();
    });
    const auto w = stats::importance_weights(log_ratios);
    out.learnt->corrected = true;
    out.learnt->ess = w.ess;
    out.learnt->largest_weight = w.largest;
    out.learnt->pareto_k = w.pareto_k;
    out.evaluations = draws;
    if (!(w.ess > 0))
      throw NumericalError("no draw of the amortised posterior has a likelihood",
                           "train longer, or use intervals.method=posterior");
    std::vector<std::vector<double>> chosen;
    for (const auto i :
         stats::resampled(w.weights, draws, random::uniform(stream, draws)))
      chosen.push_back(theta[i]);
    theta = std::move(chosen);
  }
  out.theta.push_back(std::move(theta));
  out.seconds = seconds_since(began);
  return out;
}

}  // namespace femto
