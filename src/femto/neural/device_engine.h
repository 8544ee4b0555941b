// The engine of a game whose events never leave the machine that kernels run on.
#pragma once
#include "femto/neural/device_loss.h"
#include "femto/neural/device_simulator.h"
#include "femto/neural/engine.h"

namespace femto::neural {

template <class Machine>
class DeviceEngine final : public Engine {
 public:
  DeviceEngine(const Machine& machine,
               const Chain& chain,
               const Network& discriminator,
               GameLoss loss,
               Weights weights)
      : simulator_(machine, chain),
        judge_(machine, discriminator, loss, weights),
        real_(machine),
        inputs_(static_cast<std::size_t>(discriminator.spec().inputs)) {}

  void simulate(const Matrix& theta, std::size_t events, std::uint64_t number) override {
    simulator_.draw(theta, events, number);
  }

  double learn(const LossTerm& real, const Judgement& fake) override {
    const DeviceTerm terms[] = {
        {real_.put(real.x), real.x.size() / inputs_, real.targets, real.dropout},
        term(fake)};
    return judge_.of_weights(terms);
  }

  const std::vector<Tensor>& gradients() const override { return judge_.gradients(); }

  double pull_back(const Judgement& fake, double scale, Matrix& slope) override {
    const double loss = judge_.of_inputs(term(fake));
    slope = simulator_.backward(judge_.input_slope(), scale);
    return loss;
  }

 private:
  DeviceTerm term(const Judgement& fake) const {
    return {simulator_.features(), simulator_.rows(), fake.targets, fake.dropout};
  }

  DeviceSimulator<Machine> simulator_;
  DeviceLoss<Machine> judge_;
  DeviceMemory<float, Machine> real_;  // [row, inputs]
  std::size_t inputs_;
};

/// Its parts must outlive the engine.
template <class Machine>
MakeEngine on_device(const Machine& machine, const Chain& chain) {
  return [=](const Network& discriminator, GameLoss loss, Weights weights) {
    return std::make_unique<DeviceEngine<Machine>>(
        machine, chain, discriminator, loss, weights);
  };
}

}  // namespace femto::neural
