#include "femto/neural/engine.h"

#include <ATen/Functions.h>

#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

class CpuEngine final : public Engine {
 public:
  CpuEngine(const Simulator& simulator,
            const Network& discriminator,
            GameLoss loss,
            Weights weights)
      : simulator_(simulator), judge_(discriminator, loss, weights) {}

  void simulate(const Matrix& theta, std::size_t events, std::uint64_t number) override {
    fake_ = {};  // before the next ones: they are the largest memory of a step
    fake_ = simulator_.draw(theta, events, number);
  }

  double learn(const LossTerm& real, const Judgement& fake) override {
    const LossTerm terms[] = {real, term(fake)};
    if (!fake.between) return judge_.of_weights(terms);
    const Between between{real.x, terms[1].x, *fake.between};
    return judge_.of_weights(terms, &between);
  }

  const std::vector<Tensor>& gradients() const override { return judge_.gradients(); }

  double pull_back(const Judgement& fake, double scale, Matrix& slope) override {
    auto upstream = at::empty_like(fake_.features);
    const double loss = judge_.of_inputs(term(fake), values_of(upstream));
    upstream.mul_(scale);
    slope = simulator_.backward(fake_, upstream);
    return loss;
  }

 private:
  LossTerm term(const Judgement& fake) const {
    return {values_of(fake_.features), fake.targets, fake.dropout};
  }

  const Simulator& simulator_;
  LossGradients judge_;
  Simulated fake_;
};

}  // namespace

MakeEngine on_cpu(const Simulator& simulator) {
  return [&simulator](const Network& discriminator, GameLoss loss, Weights weights) {
    return std::make_unique<CpuEngine>(simulator, discriminator, loss, weights);
  };
}

}  // namespace femto::neural
