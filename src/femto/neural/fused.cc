#include "femto/neural/fused.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include "femto/core/error.h"

namespace femto::neural {
namespace {

using Dropout = std::optional<mlp::DropoutKey>;

mlp::Activation activation_of(Activation activation) {
  switch (activation) {
    case Activation::leaky_relu:
      return mlp::Activation::leaky_relu;
    case Activation::relu:
      return mlp::Activation::relu;
    case Activation::tanh:
      return mlp::Activation::tanh;
    case Activation::silu:
      return mlp::Activation::silu;
    case Activation::gelu:
      return mlp::Activation::gelu;
  }
  throw Bug("an activation without a fused form");
}

template <class T>
std::span<T> span_of(const Tensor& t) {
  return {t.data_ptr<T>(), static_cast<std::size_t>(t.numel())};
}

/// body(T()) for the number type of a tensor.
template <class Body>
auto with_type(const Tensor& t, const Body& body) {
  return t.scalar_type() == at::kFloat ? body(0.0f) : body(0.0);
}

}  // namespace

mlp::Shape shape_of(const NetworkSpec& spec) {
  return {spec.inputs,
          spec.hidden,
          spec.outputs,
          activation_of(spec.activation),
          spec.slope,
          spec.biases,
          spec.dropout};
}

template <class T>
std::vector<std::span<const T>> spans_of(const std::vector<Tensor>& tensors) {
  std::vector<std::span<const T>> out;
  for (const auto& t : tensors) out.push_back(span_of<T>(t));
  return out;
}

template std::vector<std::span<const float>> spans_of(const std::vector<Tensor>&);
template std::vector<std::span<const double>> spans_of(const std::vector<Tensor>&);

/// Perceptrons that nobody uses at the moment.
template <class T>
struct FusedOperation::Workspaces {
  mlp::Shape shape;
  std::mutex mutex;
  std::vector<std::unique_ptr<mlp::Mlp<T>>> idle;

  explicit Workspaces(mlp::Shape s) : shape(std::move(s)) {}

  double run(const std::vector<Tensor>& parameters, const mlp::Pass<T>& pass) {
    auto network = borrow();
    network->set_parameters(spans_of<T>(parameters));
    const double loss = network->run(pass);
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(network));
    return loss;
  }

 private:
  std::unique_ptr<mlp::Mlp<T>> borrow() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<mlp::Mlp<T>>(shape);
    auto network = std::move(idle.back());
    idle.pop_back();
    return network;
  }
};

template <>
FusedOperation::Workspaces<float>& FusedOperation::workspaces() const {
  return *single_;
}

template <>
FusedOperation::Workspaces<double>& FusedOperation::workspaces() const {
  return *full_;
}

/// The backward pass in the graph; its inputs are x and the parameters.
struct FusedNode : torch::autograd::Node {
  std::shared_ptr<const FusedOperation> operation;
  torch::autograd::SavedVariable x;
  std::vector<torch::autograd::SavedVariable> parameters;
  Dropout dropout;

  torch::autograd::variable_list apply(
      torch::autograd::variable_list&& upstream) override {
    torch::autograd::variable_list out(1 + parameters.size());
    if (!upstream.front().defined()) return out;
    const auto input = x.unpack();
    return with_type(input, [&](auto zero) {
      using T = decltype(zero);
      const auto slope = upstream.front().to(input.scalar_type()).contiguous();
      std::vector<Tensor> weights;
      for (const auto& p : parameters) weights.push_back(p.unpack().detach());
      mlp::Pass<T> pass{.rows = static_cast<std::size_t>(input.size(0)),
                        .x = span_of<T>(input),
                        .upstream = span_of<T>(slope),
                        .dropout = dropout};
      if (task_should_compute_output(0)) {
        out.front() = at::empty_like(input);
        pass.input_gradient = span_of<T>(out.front());
      }
      bool any = false;
      std::int64_t size = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        any = any || task_should_compute_output(i + 1);
        size += weights[i].numel();
      }
      Tensor flat;
      if (any) {
        flat = at::empty({size}, input.options());
        pass.weight_gradient = span_of<T>(flat);
      }
      operation->workspaces<T>().run(weights, pass);
      std::int64_t first = 0;
      for (std::size_t i = 0; any && i < weights.size(); ++i) {
        out[i + 1] = flat.narrow(0, first, weights[i].numel()).view(weights[i].sizes());
        first += weights[i].numel();
      }
      return out;
    });
  }

  void release_variables() override {
    x.reset_data();
    for (auto& p : parameters) p.reset_data();
  }
};

std::shared_ptr<const FusedOperation> FusedOperation::of(const NetworkSpec& spec) {
  if (!mlp::supported(shape_of(spec))) return nullptr;
  return std::make_shared<const FusedOperation>(spec);
}

FusedOperation::FusedOperation(const NetworkSpec& spec)
    : single_(std::make_unique<Workspaces<float>>(shape_of(spec))),
      full_(std::make_unique<Workspaces<double>>(shape_of(spec))) {}

FusedOperation::~FusedOperation() = default;

bool FusedOperation::takes(const Tensor& x, const std::vector<Tensor>& parameters) {
  if (x.scalar_type() != at::kFloat && x.scalar_type() != at::kDouble) return false;
  const auto same = [&](const Tensor& p) {
    return p.device().is_cpu() && p.scalar_type() == x.scalar_type() && p.is_contiguous();
  };
  return x.device().is_cpu() && std::ranges::all_of(parameters, same);
}

Tensor FusedOperation::operator()(const Tensor& x,
                                  const std::vector<Tensor>& parameters,
                                  const Dropout& dropout) const {
  using torch::autograd::SavedVariable;
  const auto input = x.contiguous();
  const auto outputs = static_cast<std::int64_t>(single_->shape.outputs);
  auto y = at::empty({x.size(0), outputs}, input.options().requires_grad(false));
  with_type(input, [&](auto zero) {
    using T = decltype(zero);
    return workspaces<T>().run(parameters,
                               {.rows = static_cast<std::size_t>(input.size(0)),
                                .x = span_of<T>(input),
                                .dropout = dropout,
                                .outputs = span_of<T>(y)});
  });
  torch::autograd::variable_list inputs{input};
  inputs.insert(inputs.end(), parameters.begin(), parameters.end());
  if (!torch::autograd::compute_requires_grad(inputs)) return y;
  const std::shared_ptr<FusedNode> node(new FusedNode, torch::autograd::deleteNode);
  node->set_next_edges(torch::autograd::collect_next_edges(inputs));
  node->operation = shared_from_this();
  node->x = SavedVariable(input, false);
  for (const auto& p : parameters) node->parameters.emplace_back(p, false);
  node->dropout = dropout;
  torch::autograd::set_history(y, node);
  return y;
}

}  // namespace femto::neural
