// Events from densities and the derivatives of their parameters, uniforms included.
#include <algorithm>
#include <string_view>
#include <vector>

#include "bench/support.h"
#include "tests/support/build.h"
#include "tests/support/proxies.h"

#include "femto/core/threads.h"
#include "femto/pipeline/sampler.h"

namespace femto::bench {
namespace {

using testing::build;
using testing::truth1d;
using testing::truth2d;

/// Of the parameters that theory dis leaves free unless told otherwise.
const std::vector<double> truth_dis = {0.8, 3, -0.1, 0.1939875};

/// One table and columns for its events, which are also the derivatives that come back.
struct Case {
  std::unique_ptr<Theory> theory;
  std::unique_ptr<SamplerPlan> plan;
  std::vector<double> theta;
  std::vector<std::vector<double>> events;
  std::size_t n;

  Case(const std::string& name, const std::string& sampler, std::size_t count)
      : theory(build<Theory>(name)),
        plan(build<Sampler>(sampler)->plan(*theory)),
        theta(theta_of(*theory)),
        events(theory->channels()[0].axes.size(), std::vector<double>(count, 1.0)),
        n(count) {
    set_threads(1);
  }

  static std::vector<double> theta_of(const Theory& theory) {
    const auto n = theory.parameters().size();
    if (n == truth1d.size()) return truth1d;
    return n == truth2d.size() ? truth2d : truth_dis;
  }

  void draw(const SamplerTable& table, std::size_t first) {
    std::vector<double*> out;
    for (auto& column : events) out.push_back(column.data());
    table.draw(0, {event_stream(1, 0), first}, n, out.data());
    benchmark::DoNotOptimize(events[0].data());
  }

  void pull_back(const SamplerTable& table, std::size_t first, double* slope) {
    std::vector<const double*> upstream;
    for (auto& column : events) upstream.push_back(column.data());
    table.backward(0, {event_stream(1, 0), first}, n, upstream.data(), slope);
  }
};

/// What no sampler can save: its uniforms, one per axis and, for LOITS, two for the cell.
void report_events(benchmark::State& state,
                   const Case& c,
                   const char* sampler,
                   int passes) {
  const bool cells = std::string_view(sampler).find("loits") != std::string_view::npos;
  const auto uniforms = static_cast<double>(c.events.size() + (cells ? 2 : 0));
  report(state,
         {.items = static_cast<double>(c.n),
          .limit = "uniform_double",
          .of_limit = static_cast<double>(c.n) * uniforms * passes});
}

/// Many events of one theta, the table prepared.
void forward(benchmark::State& state, const char* theory, const char* sampler) {
  Case c(theory, sampler, 1'000'000);
  const auto table = c.plan->at(c.theta);
  for (auto _ : state) c.draw(*table, 0);
  report_events(state, c, sampler, 1);
}

/// A million deep-inelastic events as a study has them: table and events.
void deep_inelastic(benchmark::State& state) {
  Case c("dis", "inverse_cdf", 1'000'000);
  for (auto _ : state) {
    c.theta[0] += 1e-6;  // a point that the theory does not keep
    const auto table = c.plan->at(c.theta);
    c.draw(*table, 0);
  }
  report_events(state, c, "inverse_cdf", 1);
}

/// The same as forward, and the way back.
void both(benchmark::State& state, const char* theory, const char* sampler) {
  Case c(theory, sampler, 1'000'000);
  const auto table = c.plan->at(c.theta);
  std::vector<double> slope(c.theta.size());
  for (auto _ : state) {
    c.draw(*table, 0);
    c.pull_back(*table, 0, slope.data());
  }
  report_events(state, c, sampler, 2);
}

/// Both in one pass, for the mean of the events' first coordinate.
void one_pass(benchmark::State& state, const char* theory, const char* sampler) {
  Case c(theory, sampler, 1'000'000);
  const auto table = c.plan->at(c.theta);
  std::vector<double> slope(c.theta.size());
  const auto loss = [&](std::size_t, std::size_t n, auto*, auto* upstream) {
    for (std::size_t a = 0; a < c.events.size(); ++a)
      std::fill_n(upstream[a], n, a == 0 ? 1e-6 : 0);
  };
  for (auto _ : state)
    table->draw_and_pull(0, {event_stream(1, 0), 0}, c.n, loss, slope.data());
  report_events(state, c, sampler, 1);
}

/// The batch of adversarial training: many thetas, few events of each.
void batch(benchmark::State& state,
           const char* theory,
           const char* sampler,
           bool backwards) {
  constexpr std::size_t sets = 64, events = 100;
  Case c(theory, sampler, events);
  std::vector<double> slope(c.theta.size());
  for (auto _ : state)
    for (std::size_t s = 0; s < sets; ++s) {
      c.theta[1] = truth1d[1] + 1e-3 * static_cast<double>(s);
      const auto table = c.plan->at(c.theta);
      c.draw(*table, s * events);
      if (backwards) c.pull_back(*table, s * events, slope.data());
    }
  report(state, {.items = sets * events});
}

/// Preparation of one theta.
void prepare(benchmark::State& state, const char* theory, const char* sampler) {
  Case c(theory, sampler, 1);
  for (auto _ : state) benchmark::DoNotOptimize(c.plan->at(c.theta));
  report(state, {.items = 1});
}

const char* const loits[][2] = {
    {"lite_10", "{type: loits, variant: lite, nodes: 10}"},
    {"lite_100", "{type: loits, variant: lite, nodes: 100}"},
    {"corner_10", "{type: loits, variant: corner, nodes: 10}"},
    {"corner_100", "{type: loits, variant: corner, nodes: 100}"},
};

void add(const std::string& name, const char* theory, const char* sampler) {
  const auto named = [&](const char* what) { return "sampler/" + name + "/" + what; };
  const auto unit = benchmark::kMillisecond;
  benchmark::RegisterBenchmark(named("forward").c_str(), forward, theory, sampler)
      ->Unit(unit);
  benchmark::RegisterBenchmark(named("both").c_str(), both, theory, sampler)->Unit(unit);
  benchmark::RegisterBenchmark(named("one_pass").c_str(), one_pass, theory, sampler)
      ->Unit(unit);
  benchmark::RegisterBenchmark(named("table").c_str(), prepare, theory, sampler);
}

const bool added = [] {
  add("exact_1d", "proxy1d", "inverse_cdf");
  add("exact_2d", "proxy2d", "inverse_cdf");
  benchmark::RegisterBenchmark("sampler/dis", deep_inelastic)
      ->Unit(benchmark::kMillisecond);
  for (const auto& [name, settings] : loits)
    add(std::string("loits_") + name, "proxy2d", settings);
  for (const auto& [name, back] : {std::pair{"forward", false}, std::pair{"both", true}})
    benchmark::RegisterBenchmark((std::string("sampler/gan_1d/") + name).c_str(),
                                 batch,
                                 "proxy1d",
                                 "inverse_cdf",
                                 back);
  return true;
}();

}  // namespace
}  // namespace femto::bench
