// Two perceptrons whose outputs are multiplied: ratios of densities in events and points.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/core/random.h"
#include "femto/mlp/mlp.h"

namespace femto::neural {

struct BilinearShape {
  int event_inputs = 1, point_inputs = 1;
  int rank = 8;  // products summed
  std::vector<int> hidden = {32, 32};
};

/// h(y, z) = scale * sum_k (c_k(z) - c_k(0)) g_k(y): g and c are tanh perceptrons, so
/// h(y, 0) = 0.
class BilinearNet {
 public:
  /// Glorot-uniform weights from the stream, biases zero.
  BilinearNet(BilinearShape shape, double scale, random::Stream stream);

  const BilinearShape& shape() const { return shape_; }

  double scale() const { return scale_; }

  /// Weights and biases of g, then of c.
  std::span<float> parameters() { return parameters_; }

  /// Hidden units of g in double precision and a constant 1, by which g is linear in
  /// them: y[row, input] -> [unit, row].
  Matrix hidden(std::span<const double> y, std::size_t rows) const;

  /// Passes in single precision for training. Outputs and slopes are [row, product];
  /// gradients are added up over rows in the order of `parameters`.
  void event_features(std::span<const float> y, std::span<float> g);
  void point_features(std::span<const float> z, std::span<float> c);
  void gradient(std::span<const float> y,
                std::span<const float> slope_g,
                std::span<const float> z,
                std::span<const float> slope_c,
                std::span<float> out);

 private:
  mlp::Shape event_shape() const;
  mlp::Shape point_shape() const;
  void load();

  BilinearShape shape_;
  double scale_;
  std::vector<float> parameters_;
  std::size_t of_events_ = 0;                         // parameters of g
  std::shared_ptr<mlp::Mlp<float>> events_, points_;  // workspaces of the training
};

}  // namespace femto::neural
