#include "femto/neural/game.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/neural/floats.h"

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
           const MakeEngine& engine,
           const RealEvents& real,
           const ParameterSetup& setup,
           SideTerm side,
           std::uint64_t seed,
           std::uint64_t member)
    : settings_(settings),
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
      engine_(engine(
          discriminator_, settings.objective.loss, settings.discriminator_weights)),
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

Game::Batch Game::draw() {
  ++draws_;
  const c10::AutoGradMode graph(true);
  const DropoutKey key{stream("generator dropout")};
  Batch out;
  out.raw = generator_.forward(noise("noise", draws_, settings_.parameter_samples), &key);
  out.theta = box_.theta(out.raw);
  engine_->simulate(out.theta, settings_.events_per_sample, draws_);
  return out;
}

std::vector<float> Game::labels(Label label,
                                std::string_view purpose,
                                std::size_t rows) const {
  const double eta = settings_.objective.label_noise;
  const auto t = targets(
      label, eta, stream(purpose), 0, eta == 0 ? 1 : static_cast<std::int64_t>(rows));
  const auto values = values_of(t);
  return {values.begin(), values.end()};
}

double Game::discriminator_step(double rate_factor) {
  fake_ = draw();
  const auto n = fake_->theta.rows * settings_.events_per_sample;
  const auto real_events = real_.batch(stream("real batch"), n);
  const auto real_labels = labels(Label::real, "real labels", n);
  const auto fake_labels = labels(Label::fake, "fake labels", n);
  const double loss = engine_->learn(
      {values_of(real_events), real_labels, DropoutKey{stream("real dropout")}},
      {fake_labels, DropoutKey{stream("fake dropout")}});
  // The generator learns from the sum of both terms (cross-entropy) or half of it.
  const double scale = settings_.objective.loss == GameLoss::bce ? 1.0 : 0.5;
  const c10::AutoGradMode no_graph(false);
  for (auto g : engine_->gradients()) g.mul_(scale / static_cast<double>(n));
  discriminator_adam_.step(engine_->gradients(), rate_factor);
  return loss / (2 * static_cast<double>(n) * equilibrium(settings_.objective.loss));
}

StepReport Game::generator_step(double rate_factor) {
  ++steps_;
  // The generator has not changed since the discriminator's last batch: it serves again.
  const Batch fake = fake_ ? *std::exchange(fake_, {}) : draw();
  const auto rows = fake.theta.rows * settings_.events_per_sample;
  const auto real_labels = labels(Label::real, "generator labels", rows);
  const double per_row = 1 / static_cast<double>(rows);
  Matrix slope;
  const double loss = engine_->pull_back(
      {real_labels, DropoutKey{stream("fake dropout")}}, per_row, slope);
  if (side_) add_side(fake.theta, slope);
  const auto gradients = torch::autograd::grad(
      {fake.raw}, generator_.parameters(), {box_.backward(fake.raw, slope)});
  generator_adam_.step(gradients, rate_factor);
  // The average forgets its start quickly.
  const double t = static_cast<double>(steps_);
  averaged_.blend(generator_, std::min(settings_.average, t / (t + 10)));
  StepReport report;
  report.generator_loss = loss * per_row / equilibrium(settings_.objective.loss);
  report.gradient_norm = norm(gradients);
  report.theta = column_means(fake.theta);
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
  fake_.reset();
  generator_.load(state, "generator");
  averaged_.load(state, "averaged");
  discriminator_.load(state, "discriminator");
  generator_adam_.load(state, "generator_adam");
  discriminator_adam_.load(state, "discriminator_adam");
  draws_ = static_cast<std::uint64_t>(state.integer("draws"));
  steps_ = static_cast<std::uint64_t>(state.integer("steps"));
}

}  // namespace femto::neural
