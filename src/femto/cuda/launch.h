// Starting a kernel: on a CUDA stream, or with the same arithmetic on the CPU.
#pragma once
#include <cstring>
#include <vector>

#include "femto/core/threads.h"
#include "femto/cuda/team.h"

namespace femto::cuda {

/// A queue of the device: the runtime's cudaStream_t, which is a pointer; null is the
/// default stream. From libtorch: Stream{at::cuda::getCurrentCUDAStream().stream()}, and
/// tensor.data_ptr<float>() of contiguous CUDA tensors as the pointers of a kernel.
struct Stream {
  void* handle = nullptr;
};

/// The CPU; pointers are those of the host. Serves tests and machines without a GPU.
struct OnHost {
  Order order = Order::ascending;
};

/// Queues a kernel and returns at once. Throws CudaError (femto/cuda/device.h) if the
/// device refuses it. Defined for the kernels of this layer, in library femto_cuda.
template <class Kernel>
void launch(const Kernel& kernel, Stream stream);

/// Runs the kernel's blocks on the threads of the CPU.
template <class Kernel>
void launch(const Kernel& kernel, OnHost where) {
  parallel_for(static_cast<std::size_t>(kernel.blocks()), [&](std::size_t b) {
    // All bits set are not a number: reading what was never written shows.
    std::vector<std::byte> shared(kernel.shared_bytes(), std::byte{0xFF});
    kernel(HostTeam<Kernel::threads>{where.order},
           Block{static_cast<std::int64_t>(b), shared.data()});
  });
}

}  // namespace femto::cuda
