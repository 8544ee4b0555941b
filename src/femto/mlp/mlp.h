// Fused multilayer perceptrons: forward and backward tile by tile, for training steps.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "femto/mlp/layout.h"
#include "femto/mlp/pass.h"
#include "femto/mlp/shape.h"

namespace femto::mlp {

/// A perceptron of float or double. Activations never reach main memory: tiles of rows go
/// through all layers and back while they are in the second-level cache.
///
/// Order of sums: rows are cut into tiles (Layout::tile_rows), tile i belongs to lane
/// i mod L, L = min(tiles, Layout::lanes); each lane adds its tiles in order and the
/// lanes are added in order. So results do not depend on the number of threads. They do
/// depend, by rounding, on the instruction set.
///
/// Memory is allocated by the constructor, less than 64 MB for any batch; passes allocate
/// nothing. One pass at a time: the object is its workspace.
///
/// The products are blocks of 8 x 2 vectors of sums in registers, by Highway. On layers
/// of 128 units and tiles of 56 to 448 rows they reach 0.99 to 1.02 of the multiply-add
/// peak of a Zen 4 core, as do the generated kernels of libxsmm 1.17 (1.00 to 1.01; own
/// measurement in turns), so there is no second path.
template <class T>
class Mlp {
 public:
  /// Throws Bug unless supported(shape).
  explicit Mlp(const Shape& shape);
  Mlp(const Mlp&) = delete;
  Mlp& operator=(const Mlp&) = delete;

  /// One span per entry of parameter_sizes(). Call again whenever they change.
  void set_parameters(std::span<const std::span<const T>> parameters);

  /// Computes what the pass asks for and returns the summed loss; 0 for Loss::none.
  double run(const Pass<T>& pass);

  /// Weights and biases.
  std::size_t size() const { return size_; }

  /// Bytes that this object keeps.
  std::size_t bytes() const;

  const Layout& layout() const { return layout_; }

 private:
  struct Free {
    void operator()(T* memory) const;
  };

  using Memory = std::unique_ptr<T[], Free>;

  static Memory numbers(std::size_t count);
  void check(const Pass<T>& pass) const;
  void run_lane(const Pass<T>& pass, std::size_t lane, std::size_t lanes);
  void add_lanes(std::size_t lanes, std::span<T> flat);

  Layout layout_;
  std::size_t size_ = 0;
  Memory forward_, backward_;            // packed weights
  Memory gradients_, scratch_;           // per lane
  std::atomic<std::uint32_t> busy_ = 0;  // which scratches are in use
  double losses_[16] = {};
};

}  // namespace femto::mlp
