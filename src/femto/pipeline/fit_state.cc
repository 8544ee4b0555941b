// Packs and unpacks fits.
#include "femto/pipeline/fit_state.h"

namespace femto {

io::State to_state(const Fit& fit) {
  io::State s;
  s.put("theta", std::span<const double>(fit.theta));
  s.put("outcome", static_cast<std::int64_t>(fit.outcome));
  s.put("value", fit.value);
  s.put_text("message", fit.message);
  s.put("iterations", static_cast<std::int64_t>(fit.iterations));
  s.put("simulated", static_cast<std::int64_t>(fit.simulated));
  std::vector<double> cloud;
  for (const auto& draw : fit.cloud) cloud.insert(cloud.end(), draw.begin(), draw.end());
  s.put("cloud", std::span<const double>(cloud));
  s.put("cloud_draws", static_cast<std::int64_t>(fit.cloud.size()));
  const std::vector<std::int64_t> bounds(fit.at_bound.begin(), fit.at_bound.end());
  s.put("at_bound", std::span<const std::int64_t>(bounds));
  return s;
}

Fit fit_from(const io::State& s) {
  Fit fit;
  fit.theta = s.doubles("theta");
  fit.outcome = static_cast<Outcome>(s.integer("outcome"));
  fit.value = s.number("value");
  fit.message = s.text("message");
  fit.iterations = static_cast<std::uint64_t>(s.integer("iterations"));
  fit.simulated = static_cast<std::uint64_t>(s.integer("simulated"));
  const auto cloud = s.doubles("cloud");
  const auto draws = static_cast<std::size_t>(s.integer("cloud_draws"));
  const auto width = draws ? cloud.size() / draws : 0;
  for (std::size_t i = 0; i < draws; ++i)
    fit.cloud.emplace_back(cloud.begin() + static_cast<std::ptrdiff_t>(i * width),
                           cloud.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  for (const auto flag : s.integers("at_bound")) fit.at_bound.push_back(flag != 0);
  return fit;
}

}  // namespace femto
