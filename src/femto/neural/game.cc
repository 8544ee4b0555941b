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

/// Adds each column's sum over all rows, divided by n.
void add_means(const Matrix& m, std::size_t n, std::vector<double>& out) {
  out.resize(m.cols);
  for (std::size_t r = 0; r < m.rows; ++r)
    for (std::size_t c = 0; c < m.cols; ++c) out[c] += m(r, c) / static_cast<double>(n);
}

/// Ranks with a discriminator of their own begin with weights of their own.
std::uint64_t first_judge(const Team* team) {
  const bool own = team && team->settings.what == Exchanged::generator;
  return own ? static_cast<std::uint64_t>(team->group.rank()) : 0;
}

}  // namespace

Game::Game(const GameSettings& settings,
           const MakeEngine& engine,
           const RealEvents& real,
           const ParameterSetup& setup,
           SideTerm side,
           std::uint64_t seed,
           std::uint64_t member,
           const Team* team)
    : settings_(settings),
      real_(real),
      box_(setup),
      side_(std::move(side)),
      seed_(seed),
      member_(member),
      shares_(shares_of(team)),
      generator_(settings.generator,
                 random::Stream::named(seed, "generator weights", member),
                 settings.bias_sd),
      discriminator_(
          settings.discriminator,
          random::Stream::named(seed, "discriminator weights", member, first_judge(team)),
          settings.bias_sd),
      averaged_(settings.generator,
                random::Stream::named(seed, "generator weights", member),
                settings.bias_sd),
      generator_sum_(generator_, shares_.own),
      discriminator_sum_(discriminator_, shares_.own),
      generator_adam_(generator_.parameters(), settings.generator_adam),
      discriminator_adam_(discriminator_.parameters(), settings.discriminator_adam) {
  expect(settings.parameter_samples >= shares_.all, "a parameter set for every share");
  for (std::size_t i = 0; i < shares_.own; ++i)
    engines_.push_back(
        engine(discriminator_, settings.objective.loss, settings.discriminator_weights));
  if (!team) return;
  generator_mate_ = std::make_unique<Mate>(*team, generator_, "generator");
  averaged_.assign(generator_);
  if (team->settings.what == Exchanged::all)
    discriminator_mate_ = std::make_unique<Mate>(*team, discriminator_, "discriminator");
}

StepReport Game::step(double rate_factor) {
  double loss = 0;
  for (int k = 0; k < settings_.discriminator_steps; ++k)
    loss = discriminator_step(rate_factor);
  auto report = generator_step(rate_factor);
  report.discriminator_loss = loss;
  return report;
}

void Game::draw() {
  ++draws_;
  fake_.clear();
  for (std::size_t i = 0; i < shares_.own; ++i) {
    fake_.push_back(draw_share(i));
    engines_[i]->simulate(fake_[i].theta, settings_.events_per_sample, fake_[i].number);
  }
}

Game::Batch Game::draw_share(std::size_t own) const {
  const c10::AutoGradMode graph(true);
  const auto share = shares_.first + own;
  Batch out;
  out.number = shares_.number(draws_, share);
  const auto sets = shares_.begin(settings_.parameter_samples, share + 1) -
                    shares_.begin(settings_.parameter_samples, share);
  const DropoutKey key{stream("generator dropout", out.number)};
  out.raw = generator_.forward(noise("noise", out.number, sets), &key);
  out.theta = box_.theta(out.raw);
  return out;
}

std::size_t Game::own_sets() const {
  const auto n = settings_.parameter_samples;
  return shares_.begin(n, shares_.first + shares_.own) - shares_.begin(n, shares_.first);
}

std::vector<float> Game::labels(Label label,
                                std::string_view purpose,
                                std::uint64_t number,
                                std::size_t rows) const {
  const double eta = settings_.objective.label_noise;
  const auto t = targets(label,
                         eta,
                         stream(purpose, number),
                         0,
                         eta == 0 ? 1 : static_cast<std::int64_t>(rows));
  const auto values = values_of(t);
  return {values.begin(), values.end()};
}

double Game::discriminator_step(double rate_factor) {
  draw();
  const auto own = rows(own_sets());
  const auto judged = judged_together() ? rows(settings_.parameter_samples) : own;
  // The discriminator learns from the sum of both terms, or half of it.
  const double scale = settings_.objective.loss == GameLoss::least_squares ? 0.5 : 1.0;
  double loss = 0;
  for (std::size_t i = 0; i < shares_.own; ++i)
    loss += learn(i, scale / static_cast<double>(judged));
  const auto sum = discriminator_sum_.add();
  if (discriminator_mate_) discriminator_mate_->gradients(draws_ - 1, sum);
  discriminator_adam_.step(discriminator_sum_.gradients(), rate_factor);
  if (discriminator_mate_) discriminator_mate_->weights(draws_ - 1);
  return loss / (2 * static_cast<double>(own) * equilibrium(settings_.objective.loss));
}

double Game::learn(std::size_t own, double scale) {
  const auto number = fake_[own].number;
  const auto n = rows(fake_[own].sets());
  const auto real_events = real_.batch(stream("real batch", number), n);
  const auto real_labels = labels(Label::real, "real labels", number, n);
  const auto fake_labels = labels(Label::fake, "fake labels", number, n);
  std::optional<random::Stream> between;
  if (settings_.objective.loss == GameLoss::wasserstein)
    between = stream("between real and fake", number);
  const double loss = engines_[own]->learn(
      {values_of(real_events), real_labels, DropoutKey{stream("real dropout", number)}},
      {fake_labels, DropoutKey{stream("fake dropout", number)}, between});
  discriminator_sum_.set(own, engines_[own]->gradients(), scale);
  return loss;
}

StepReport Game::generator_step(double rate_factor) {
  ++steps_;
  // The generator has not changed since the discriminator's last batch: it serves again.
  if (fake_.empty()) draw();
  const auto fakes = std::exchange(fake_, {});
  const double per_row = 1 / static_cast<double>(rows(settings_.parameter_samples));
  StepReport report;
  double loss = 0;
  for (std::size_t i = 0; i < shares_.own; ++i) {
    const auto& fake = fakes[i];
    const auto real_labels =
        labels(Label::real, "generator labels", fake.number, rows(fake.sets()));
    Matrix slope;
    loss += engines_[i]->pull_back(
        {real_labels, DropoutKey{stream("fake dropout", fake.number)}}, per_row, slope);
    if (side_) add_side(fake.theta, slope);
    generator_sum_.set(
        i,
        torch::autograd::grad(
            {fake.raw}, generator_.parameters(), {box_.backward(fake.raw, slope)}),
        1);
    add_means(fake.theta, own_sets(), report.theta);
  }
  const auto sum = generator_sum_.add();
  if (generator_mate_) generator_mate_->gradients(steps_ - 1, sum);
  generator_adam_.step(generator_sum_.gradients(), rate_factor);
  if (generator_mate_) generator_mate_->weights(steps_ - 1);
  // The average forgets its start quickly.
  const double t = static_cast<double>(steps_);
  averaged_.blend(generator_, std::min(settings_.average, t / (t + 10)));
  report.generator_loss = loss / static_cast<double>(rows(own_sets())) /
                          equilibrium(settings_.objective.loss);
  report.gradient_norm = norm(generator_sum_.gradients());
  return report;
}

void Game::add_side(const Matrix& theta, Matrix& slope) const {
  parallel_for(theta.rows, [&](std::size_t b) {
    const auto at = side_({theta.row(b), theta.cols});
    for (std::size_t p = 0; p < theta.cols; ++p)
      slope(b, p) += at.gradient[p] / static_cast<double>(settings_.parameter_samples);
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

random::Stream Game::stream(std::string_view purpose, std::uint64_t number) const {
  return random::Stream::named(seed_, purpose, member_, number);
}

bool Game::heard(int world_rank) {
  const bool judge = discriminator_mate_ && discriminator_mate_->heard(world_rank);
  return generator_mate_->heard(world_rank) || judge;
}

void Game::save(io::State& state) const {
  generator_.save(state, "generator");
  averaged_.save(state, "averaged");
  discriminator_.save(state, "discriminator");
  generator_adam_.save(state, "generator_adam");
  discriminator_adam_.save(state, "discriminator_adam");
  if (generator_mate_) generator_mate_->save(state, "generator");
  if (discriminator_mate_) discriminator_mate_->save(state, "discriminator");
  state.put("draws", static_cast<std::int64_t>(draws_));
  state.put("steps", static_cast<std::int64_t>(steps_));
}

void Game::load(const io::State& state) {
  fake_.clear();
  generator_.load(state, "generator");
  averaged_.load(state, "averaged");
  discriminator_.load(state, "discriminator");
  generator_adam_.load(state, "generator_adam");
  discriminator_adam_.load(state, "discriminator_adam");
  if (generator_mate_) generator_mate_->load(state, "generator");
  if (discriminator_mate_) discriminator_mate_->load(state, "discriminator");
  draws_ = static_cast<std::uint64_t>(state.integer("draws"));
  steps_ = static_cast<std::uint64_t>(state.integer("steps"));
}

}  // namespace femto::neural
