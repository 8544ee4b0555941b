// A fused multilayer perceptron: how a pass is cut, and its launch.
#pragma once
#include <type_traits>

#include "femto/core/error.h"
#include "femto/cuda/mlp_tiles.h"

namespace femto::cuda {

/// How a pass is cut: a function of the network and the number of rows alone, so that
/// every device adds in the same order.
struct MlpPlan {
  int rows_of_tile = 8;
  std::int64_t parts = 1;
};

/// 32 or 16 rows where two blocks, or 8 where one block, fits the shared memory of a
/// multiprocessor; at most 256 MB of partial gradients.
template <class Real>
MlpPlan plan(const Mlp<Real>& net, std::int64_t rows);

/// Numbers of scratch memory for a pass with a gradient, and doubles for one with a loss.
template <class Real>
std::int64_t gradient_scratch_size(const Mlp<Real>& net, std::int64_t rows) {
  return plan(net, rows).parts * net.size();
}

template <class Real>
MlpPlan plan(const Mlp<Real>& net, std::int64_t rows) {
  constexpr std::size_t one_of_two = 99 * 1024;
  const MlpPass<Real> pass{net};
  MlpPlan out;
  if (MlpTiles<Real, 32>{pass}.shared_bytes() <= one_of_two)
    out.rows_of_tile = 32;
  else if (MlpTiles<Real, 16>{pass}.shared_bytes() <= one_of_two)
    out.rows_of_tile = 16;
  const auto tiles = ceil_div(rows, out.rows_of_tile);
  const auto bytes = net.size() * static_cast<std::int64_t>(sizeof(Real));
  const auto most =
      std::max<std::int64_t>(1, (256 << 20) / std::max<std::int64_t>(bytes, 1));
  out.parts = std::min({tiles, std::int64_t{528}, most});
  return out;
}

/// Queues the pass. Throws Error if the network is out of range. gradient_scratch:
/// gradient_scratch_size() numbers if the gradient is wanted; loss_scratch: plan().parts
/// doubles if the loss is wanted.
template <class Real, class Where>
void run(const MlpPass<Real>& pass,
         Real* gradient_scratch,
         double* loss_scratch,
         Where where) {
  const auto& net = pass.net;
  bool fits = net.layers >= 1 && net.layers <= Mlp<Real>::max_layers;
  for (int l = 0; fits && l <= net.layers; ++l)
    fits = net.in(l) >= 1 && net.in(l) <= Mlp<Real>::max_width;
  if (!fits)
    throw Error("the fused CUDA network takes 1 to 8 layers of 1 to 512 units",
                "use a smaller network, or the one of libtorch");
  const auto cut = plan(net, pass.rows);
  const auto tiles = [&]<int rows>(std::integral_constant<int, rows>) {
    launch(MlpTiles<Real, rows>{pass,
                                cut.parts,
                                pass.gradient ? gradient_scratch : nullptr,
                                pass.loss_sum ? loss_scratch : nullptr},
           where);
  };
  if (cut.rows_of_tile == 32)
    tiles(std::integral_constant<int, 32>{});
  else if (cut.rows_of_tile == 16)
    tiles(std::integral_constant<int, 16>{});
  else
    tiles(std::integral_constant<int, 8>{});
  if (!pass.target) return;
  const auto size = net.size();
  if (pass.gradient)
    launch(FoldParts<Real>{1, cut.parts, size, gradient_scratch, pass.gradient, size},
           where);
  if (pass.loss_sum)
    launch(FoldParts<double>{1, cut.parts, 1, loss_scratch, pass.loss_sum, 1}, where);
}

}  // namespace femto::cuda
