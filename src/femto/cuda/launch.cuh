// The device side of launch(): included by the .cu files alone.
#pragma once
#include <cuda_runtime.h>

#include "femto/cuda/check.h"
#include "femto/cuda/launch.h"

namespace femto::cuda {

/// A block on the GPU: this thread's share of every phase.
template <int count>
struct DeviceTeam {
  template <class T>
  struct PerThread {
    T value;

    constexpr T& operator[](int) { return value; }
  };

  template <class Phase>
  __host__ __device__ void phase(const Phase& work) const {
#ifdef __CUDA_ARCH__  // nvcc reads this header once for each side
    work(static_cast<int>(threadIdx.x));
    __syncthreads();
#endif
  }
};

/// Two blocks on a multiprocessor: with one alone, or no such wish, ptxas settles for
/// fewer registers and spills.
template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads, 2)
    run_blocks(const __grid_constant__ Kernel kernel) {
  extern __shared__ __align__(16) std::byte shared[];
  kernel(DeviceTeam<Kernel::threads>{},
         Block{static_cast<std::int64_t>(blockIdx.x), shared});
}

template <class Kernel>
void launch(const Kernel& kernel, Stream stream) {
  if (kernel.blocks() == 0) return;
  const auto shared = kernel.shared_bytes();
  if (shared > 48 * 1024)  // more has to be asked for
    check(cudaFuncSetAttribute(run_blocks<Kernel>,
                               cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared)),
          Kernel::name);
  run_blocks<<<static_cast<unsigned>(kernel.blocks()),
               Kernel::threads,
               shared,
               static_cast<cudaStream_t>(stream.handle)>>>(kernel);
  check(cudaGetLastError(), Kernel::name);
}

}  // namespace femto::cuda
