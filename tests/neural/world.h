// A small inverse problem with everything a solver is given, for tests of networks.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/support/build.h"
#include "tests/support/proxies.h"

#include "femto/neural/adversarial.h"
#include "femto/neural/gan.h"
#include "femto/pipeline/solver.h"

namespace femto::testing {

/// Events of the 1-D proxy at the reference truth, drawn by its sampler from `seed`.
inline io::EventTable proxy_events(const Theory& theory,
                                   const Sampler& sampler,
                                   const std::vector<double>& theta,
                                   std::size_t n,
                                   std::uint64_t seed) {
  std::vector<io::Column> columns;
  for (const auto& name : columns_of(theory)) columns.push_back({name});
  io::EventTable events(columns, n);
  const auto plan = sampler.plan(theory);
  const auto table = plan->at(theta);
  std::size_t column = 0;
  for (std::size_t c = 0; c < theory.channels().size(); ++c) {
    std::vector<double*> out;
    for (std::size_t a = 0; a < theory.channels()[c].axes.size(); ++a)
      out.push_back(events.column(column++).data());
    table->draw(c, {event_stream(seed, c), 0}, n, out.data());
  }
  return events;
}

/// The 1-D proxy in which only a_u and b_u move; the others are at the truth.
struct World {
  std::unique_ptr<Theory> theory = build<Theory>("proxy1d");
  std::unique_ptr<Sampler> sampler = build<Sampler>("inverse_cdf");
  Experiment experiment{*theory, *build<Detector>("identity")};
  std::unique_ptr<Generator> generator =
      build<Generator>("{type: mlp, hidden: [16, 16]}");
  neural::Adversarial objective{{}};
  Density density{*theory, 400};
  Dataset data;
  SideInformation side;
  ParameterSetup setup;

  explicit World(std::size_t events = 4000)
      : data(proxy_events(*theory, *sampler, truth1d, events, 99)) {
    setup.parameters = theory->parameters();
    setup.fixed = {true, false, false, true, true, true};
    for (std::size_t p = 0; p < 6; ++p)
      if (setup.fixed[p]) setup.parameters[p].start = truth1d[p];
  }

  Task task(std::uint64_t seed = 5, std::uint64_t member = 0) const {
    return {*theory,
            density,
            *sampler,
            experiment,
            objective,
            generator.get(),
            data,
            side,
            setup,
            {},
            seed,
            member};
  }
};

/// Settings of a training that takes a second, on any machine with the same bits.
inline neural::GanSettings small_gan() {
  neural::GanSettings s;
  s.discriminator.hidden = {16, 16};
  s.parameter_samples = 8;
  s.events_per_sample = 64;
  s.iterations = 20;
  s.evaluate_every = 5;
  s.device = neural::Device::cpu;
  return s;
}

}  // namespace femto::testing
