// The fused perceptron as an operation of libtorch's autograd graph.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "femto/mlp/mlp.h"
#include "femto/neural/tensor.h"
#include "femto/pipeline/generator.h"

namespace femto::neural {

/// The same network as the fused perceptron sees it.
mlp::Shape shape_of(const NetworkSpec& spec);

/// Forward and backward of one network shape, in the precision of its parameters. May be
/// called from several threads at once: every call borrows a workspace.
class FusedOperation : public std::enable_shared_from_this<FusedOperation> {
 public:
  /// Nothing if the fused perceptron does not support the shape.
  static std::shared_ptr<const FusedOperation> of(const NetworkSpec& spec);

  explicit FusedOperation(const NetworkSpec& spec);
  ~FusedOperation();

  /// x: [row, inputs] -> [row, outputs]; parameters as in Network::parameters(), of the
  /// same type as x. The backward pass computes the activations again, because they are
  /// never written to memory, and only those gradients that are asked for. Cannot be
  /// differentiated twice.
  Tensor operator()(const Tensor& x,
                    const std::vector<Tensor>& parameters,
                    const std::optional<mlp::DropoutKey>& dropout) const;

  /// True for tensors on the CPU of one type, single or double precision.
  static bool takes(const Tensor& x, const std::vector<Tensor>& parameters);

 private:
  friend struct FusedNode;
  template <class T>
  struct Workspaces;

  template <class T>
  Workspaces<T>& workspaces() const;

  std::unique_ptr<Workspaces<float>> single_;
  std::unique_ptr<Workspaces<double>> full_;
};

/// The numbers of contiguous tensors of one type, in place.
template <class T>
std::vector<std::span<const T>> spans_of(const std::vector<Tensor>& tensors);

}  // namespace femto::neural
