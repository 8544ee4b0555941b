#include "femto/neural/game.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"

namespace femto::neural {
namespace {

double norm(const std::vector<Tensor>& gradients) {
  double sum = 0;
  for (const auto& g : gradients)
    sum += at::square(g.to(at::kDouble)).sum().item<double>();
  return std::sqrt(sum);
}

std::vector<double> column_means(const Matrix& m) {
  std::vector<double> out(m.cols);
  for (std::size_t r = 0; r < m.rows; ++r)
    for (std::size_t c = 0; c < m.cols; ++c)
      out[c] += m(r, c) / static_cast<double>(m.rows);
  return out;
}

}  // namespace

Game::Game(const GameSettings& settings,
           const Simulator& simulator,
           const RealEvents& real,
           const ParameterSetup& setup,
           SideTerm side,
           std::uint64_t seed,
           std::uint64_t member)
    : settings_(settings),
      simulator_(simulator),
      real_(real),
      box_(setup),
      side_(std::move(side)),
      seed_(seed),
      member_(member),
      generator_(settings.generator,
                 random::Stream::named(seed, "generator weights", member),
                 settings.bias_sd),
      discriminator_(settings.discriminator,
                     random::Stream::named(seed, "discriminator weights", member),
                     settings.bias_sd),
      averaged_(settings.generator,
                random::Stream::named(seed, "generator weights", member),
                settings.bias_sd),
      generator_adam_(generator_.parameters(), settings.generator_adam),
      discriminator_adam_(discriminator_.parameters(), settings.discriminator_adam) {}

StepReport Game::step(double rate_factor) {
  double loss = 0;
  for (int k = 0; k < settings_.discriminator_steps; ++k)
    loss = discriminator_step(rate_factor);
  auto report = generator_step(rate_factor);
  report.discriminator_loss = loss;
  return report;
}

double Game::discriminator_step(double rate_factor) {
  ++draws_;
  const auto z = noise("noise", draws_, settings_.parameter_samples);
  const auto fake = simulator_
                        .draw(box_.theta([&] {
                          const c10::AutoGradMode no_graph(false);
                          const DropoutKey key{stream("generator dropout")};
                          return generator_.forward(z, &key);
                        }()),
                              settings_.events_per_sample,
                              draws_)
                        .features;
  const auto n = static_cast<std::size_t>(fake.size(0));
  const auto real = real_.batch(stream("real batch"), n);
  const auto tiles = tiles_of(fake.size(0));
  auto sum = sum_in_lanes(2 * tiles.size(), [&](std::size_t i) {
    const bool is_real = i < tiles.size();
    const auto& tile = tiles[i % tiles.size()];
    return judge(is_real ? real : fake, is_real ? Label::real : Label::fake, tile);
  });
  // The generator learns from the sum of both terms (cross-entropy) or half of it.
  const double scale = settings_.objective.loss == GameLoss::bce ? 1.0 : 0.5;
  const c10::AutoGradMode no_graph(false);
  for (auto& g : sum.gradients) g.mul_(scale / static_cast<double>(n));
  discriminator_adam_.step(sum.gradients, rate_factor);
  return sum.value / (2 * static_cast<double>(n) * equilibrium(settings_.objective.loss));
}

Slope Game::judge(const Tensor& events, Label label, Tile tile) const {
  const c10::AutoGradMode graph(true);
  const bool is_real = label == Label::real;
  const auto x = events.narrow(0, tile.first, tile.rows);
  const auto t = targets(label,
                         settings_.objective.label_noise,
                         stream(is_real ? "real labels" : "fake labels"),
                         static_cast<std::uint64_t>(tile.first),
                         tile.rows);
  const DropoutKey key{stream(is_real ? "real dropout" : "fake dropout"),
                       static_cast<std::uint64_t>(tile.first)};
  const auto loss =
      summed_loss(settings_.objective.loss, discriminator_.forward(x, &key), t);
  return {loss.item<double>(),
          torch::autograd::grad({loss}, discriminator_.parameters())};
}

StepReport Game::generator_step(double rate_factor) {
  ++draws_;
  ++steps_;
  const auto z = noise("noise", draws_, settings_.parameter_samples);
  const auto raw = [&] {
    const c10::AutoGradMode graph(true);
    const DropoutKey key{stream("generator dropout")};
    return generator_.forward(z, &key);
  }();
  const auto theta = box_.theta(raw);
  const auto fake = simulator_.draw(theta, settings_.events_per_sample, draws_);
  const auto rows = fake.features.size(0);
  const auto tiles = tiles_of(rows);
  auto upstream = at::empty_like(fake.features);
  auto sum = sum_in_lanes(tiles.size(), [&](std::size_t i) -> Slope {
    const c10::AutoGradMode graph(true);
    const auto& tile = tiles[i];
    const auto first = static_cast<std::uint64_t>(tile.first);
    const auto x =
        fake.features.narrow(0, tile.first, tile.rows).detach().set_requires_grad(true);
    const auto t = targets(Label::real,
                           settings_.objective.label_noise,
                           stream("generator labels"),
                           first,
                           tile.rows);
    const DropoutKey key{stream("fake dropout"), first};
    const auto loss =
        summed_loss(settings_.objective.loss, discriminator_.forward(x, &key), t);
    const auto slope = torch::autograd::grad({loss}, {x}).front();
    const c10::AutoGradMode no_graph(false);
    upstream.narrow(0, tile.first, tile.rows).copy_(slope / static_cast<double>(rows));
    return {loss.item<double>(), {}};
  });
  auto slope = simulator_.backward(fake, upstream);
  if (side_) add_side(theta, slope);
  const auto gradients =
      torch::autograd::grad({raw}, generator_.parameters(), {box_.backward(raw, slope)});
  generator_adam_.step(gradients, rate_factor);
  // The average forgets its start quickly.
  const double t = static_cast<double>(steps_);
  averaged_.blend(generator_, std::min(settings_.average, t / (t + 10)));
  StepReport report;
  report.generator_loss =
      sum.value / (static_cast<double>(rows) * equilibrium(settings_.objective.loss));
  report.gradient_norm = norm(gradients);
  report.theta = column_means(theta);
  return report;
}

void Game::add_side(const Matrix& theta, Matrix& slope) const {
  parallel_for(theta.rows, [&](std::size_t b) {
    const auto at = side_({theta.row(b), theta.cols});
    for (std::size_t p = 0; p < theta.cols; ++p)
      slope(b, p) += at.gradient[p] / static_cast<double>(theta.rows);
  });
}

Matrix Game::proposals(const Network& generator, std::size_t n) const {
  const c10::AutoGradMode no_graph(false);
  return box_.theta(generator.forward(noise("noise of proposals", 0, n)));
}

Tensor Game::noise(std::string_view purpose, std::uint64_t step, std::size_t n) const {
  const auto key = random::Stream::named(seed_, purpose, member_, step);
  const auto size = static_cast<std::size_t>(settings_.noise.size);
  auto out = at::empty({static_cast<std::int64_t>(n), settings_.noise.size}, at::kFloat);
  float* to = out.data_ptr<float>();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < size; ++j) {
      const auto pair = random::normal_pair(key, i, static_cast<std::uint32_t>(j / 2));
      to[i * size + j] =
          static_cast<float>(settings_.noise.mean + settings_.noise.sd * pair[j % 2]);
    }
  return out;
}

random::Stream Game::stream(std::string_view purpose) const {
  return random::Stream::named(seed_, purpose, member_, draws_);
}

void Game::save(io::State& state) const {
  generator_.save(state, "generator");
  averaged_.save(state, "averaged");
  discriminator_.save(state, "discriminator");
  generator_adam_.save(state, "generator_adam");
  discriminator_adam_.save(state, "discriminator_adam");
  state.put("draws", static_cast<std::int64_t>(draws_));
  state.put("steps", static_cast<std::int64_t>(steps_));
}

void Game::load(const io::State& state) {
  generator_.load(state, "generator");
  averaged_.load(state, "averaged");
  discriminator_.load(state, "discriminator");
  generator_adam_.load(state, "generator_adam");
  discriminator_adam_.load(state, "discriminator_adam");
  draws_ = static_cast<std::uint64_t>(state.integer("draws"));
  steps_ = static_cast<std::uint64_t>(state.integer("steps"));
}

}  // namespace femto::neural
