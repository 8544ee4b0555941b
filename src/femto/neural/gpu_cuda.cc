// The GPU of a build with CUDA.
#include "femto/cuda/device.h"
#include "femto/cuda/random.h"
#include "femto/neural/device_engine.h"
#include "femto/neural/gpu.h"

namespace femto::neural {
namespace {

/// Kernels on the default stream and memory of the device; see HostMachine.
struct GpuMachine {
  cuda::Stream where;

  void* allocate(std::size_t bytes) const { return cuda::allocate(bytes); }

  void release(void* memory) const noexcept { cuda::release(memory); }

  void put(void* to, const void* from, std::size_t bytes) const {
    cuda::copy_to_device(to, from, bytes, where);
  }

  void get(void* to, const void* from, std::size_t bytes) const {
    cuda::copy_to_host(to, from, bytes, where);
  }
};

/// A device that is there may still be too old for the kernels of this build: run one.
Gpu look() {
  if (!cuda::available())
    return {false,
            "no NVIDIA GPU with a driver for the CUDA of this build was found",
            "run on a machine with one (docs/howto/gpu.md)"};
  try {
    DeviceMemory<float, GpuMachine> number{GpuMachine{}};
    cuda::launch(cuda::UniformPairs<float>{{1, 1}, 0, 0, 1, number.room(1)},
                 cuda::Stream{});
    float got = 0;
    number.get(std::span(&got, 1));
    return {true, cuda::describe_device(), ""};
  } catch (const cuda::CudaError& error) {
    return {false, error.what(), error.hint()};
  }
}

}  // namespace

const Gpu& gpu() {
  static const Gpu found = look();
  return found;
}

MakeEngine on_gpu(const Chain& chain) {
  return on_device(GpuMachine{}, chain);
}

}  // namespace femto::neural
