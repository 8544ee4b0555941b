#include "femto/neural/adam.h"

#include <sstream>

#include <ATen/Functions.h>
#include <torch/optim/adam.h>

#include "femto/core/error.h"
#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

using States = std::decay_t<decltype(std::declval<torch::optim::Adam&>().state())>;

/// libtorch 1.13 finds the state of a tensor by the text of its address, 2.x by the
/// address.
template <class Key>
Key key_of(const Tensor& t) {
  if constexpr (std::is_same_v<Key, std::string>) {
    std::ostringstream text;
    text << t.unsafeGetTensorImpl();
    return text.str();
  } else {
    return t.unsafeGetTensorImpl();
  }
}

}  // namespace

struct Adam::Impl {
  Impl(std::vector<Tensor> p, const AdamSettings& s)
      : parameters(std::move(p)),
        rate(s.rate),
        adam(parameters,
             torch::optim::AdamOptions(s.rate).betas(std::make_tuple(s.beta1, s.beta2))) {
  }

  torch::optim::AdamParamState& state(const Tensor& t) {
    auto& slot = adam.state()[key_of<States::key_type>(t)];
    if (!slot) {
      auto fresh = std::make_unique<torch::optim::AdamParamState>();
      fresh->step(0);
      fresh->exp_avg(at::zeros_like(t));
      fresh->exp_avg_sq(at::zeros_like(t));
      slot = std::move(fresh);
    }
    return static_cast<torch::optim::AdamParamState&>(*slot);
  }

  std::vector<Tensor> moments() {
    std::vector<Tensor> out;
    for (const auto& p : parameters) {
      out.push_back(state(p).exp_avg());
      out.push_back(state(p).exp_avg_sq());
    }
    return out;
  }

  std::vector<Tensor> parameters;
  double rate;
  torch::optim::Adam adam;
};

Adam::Adam(std::vector<Tensor> parameters, const AdamSettings& settings)
    : impl_(std::make_unique<Impl>(std::move(parameters), settings)) {
  impl_->moments();  // so that a checkpoint can be loaded before the first step
}

Adam::~Adam() = default;

void Adam::step(const std::vector<Tensor>& gradients, double rate_factor) {
  expect(gradients.size() == impl_->parameters.size(), "one gradient per parameter");
  for (std::size_t i = 0; i < gradients.size(); ++i)
    impl_->parameters[i].mutable_grad() = gradients[i];
  auto& options = impl_->adam.param_groups().front().options();
  static_cast<torch::optim::AdamOptions&>(options).lr(impl_->rate * rate_factor);
  impl_->adam.step();
  for (auto& p : impl_->parameters) p.mutable_grad().reset();
}

void Adam::save(io::State& state, const std::string& prefix) const {
  put_floats(state, prefix + ".moment", impl_->moments());
  state.put(prefix + ".step", impl_->state(impl_->parameters.front()).step());
}

void Adam::load(const io::State& state, const std::string& prefix) {
  get_floats(state, prefix + ".moment", impl_->moments());
  const auto step = state.integer(prefix + ".step");
  for (const auto& p : impl_->parameters) impl_->state(p).step(step);
}

}  // namespace femto::neural
