// The answers about GPUs of a build without CUDA.
#include "femto/core/error.h"
#include "femto/neural/gpu.h"

namespace femto::neural {

const Gpu& gpu() {
  static const Gpu none{false,
                        "this build has no kernels for GPUs",
                        "build with -DFEMTO_CUDA=ON (docs/howto/gpu.md)"};
  return none;
}

MakeEngine on_gpu(const Chain&) {
  throw Bug("a build without CUDA was asked for a GPU");
}

}  // namespace femto::neural
