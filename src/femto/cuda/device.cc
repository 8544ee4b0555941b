#include "femto/cuda/device.h"

#include <cuda_runtime_api.h>

namespace femto::cuda {
namespace {

std::string advice(cudaError_t code) {
  switch (code) {
    case cudaErrorMemoryAllocation:
      return "use a smaller batch or another GPU, or choose device: cpu";
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
      return "this machine has no NVIDIA GPU with a driver for CUDA " +
             std::to_string(CUDART_VERSION / 1000) + "; choose device: cpu";
    case cudaErrorNoKernelImageForDevice:
      return "build with -DCMAKE_CUDA_ARCHITECTURES=<compute capability of this GPU>";
    case cudaErrorInvalidValue:
      return "the kernel may need more shared memory than this GPU has: use narrower "
             "layers, or choose device: cpu";
    default:
      return "run again under compute-sanitizer to find the place, or choose device: cpu";
  }
}

}  // namespace

void check(int code, const char* what) {
  const auto error = static_cast<cudaError_t>(code);
  if (error == cudaSuccess) return;
  cudaGetLastError();  // forgets it: the next kernel would be blamed
  throw CudaError(fmt::format("CUDA: {} failed: {} ({})",
                              what,
                              cudaGetErrorString(error),
                              cudaGetErrorName(error)),
                  advice(error));
}

bool available() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count > 0;
  cudaGetLastError();
  return false;
}

std::string describe_device() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  cudaDeviceProp p{};
  check(cudaGetDeviceProperties(&p, device), "cudaGetDeviceProperties");
  return fmt::format("{}, compute capability {}.{}, {} multiprocessors, {:.0f} GiB",
                     p.name,
                     p.major,
                     p.minor,
                     p.multiProcessorCount,
                     static_cast<double>(p.totalGlobalMem) / (1 << 30));
}

void wait(Stream stream) {
  check(cudaStreamSynchronize(static_cast<cudaStream_t>(stream.handle)),
        "a kernel queued before");
}

void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, bytes), "cudaMalloc");
  return memory;
}

void release(void* memory) noexcept {
  cudaFree(memory);
}

void copy_to_device(void* to, const void* from, std::size_t bytes, Stream stream) {
  check(cudaMemcpyAsync(to,
                        from,
                        bytes,
                        cudaMemcpyHostToDevice,
                        static_cast<cudaStream_t>(stream.handle)),
        "a copy to the device");
  wait(stream);
}

void copy_to_host(void* to, const void* from, std::size_t bytes, Stream stream) {
  check(cudaMemcpyAsync(to,
                        from,
                        bytes,
                        cudaMemcpyDeviceToHost,
                        static_cast<cudaStream_t>(stream.handle)),
        "a copy from the device");
  wait(stream);
}

}  // namespace femto::cuda
