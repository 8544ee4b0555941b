// The CUDA device: is there one, its memory, and its errors.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/core/error.h"
#include "femto/cuda/check.h"
#include "femto/cuda/launch.h"

namespace femto::cuda {

/// The device refused or failed; names the kernel or call and gives CUDA's own words.
class CudaError : public Error {
 public:
  using Error::Error;
};

/// True if there is a device and a driver that this build can use.
bool available();

/// The device in words: name, compute capability, memory. Needs available().
std::string describe_device();

/// Waits for everything queued on the stream; throws CudaError if any of it failed.
void wait(Stream stream);

/// Bytes on the device and copies to and from it; copies wait for the stream.
void* allocate(std::size_t bytes);
void release(void* memory) noexcept;
void copy_to_device(void* to, const void* from, std::size_t bytes, Stream stream);
void copy_to_host(void* to, const void* from, std::size_t bytes, Stream stream);

/// An array in device memory. libtorch's tensors bring memory of their own and need none
/// of this.
template <class T>
class Array {
 public:
  explicit Array(std::size_t size)
      : data_(static_cast<T*>(allocate(size * sizeof(T)))), size_(size) {}

  explicit Array(std::span<const T> values) : Array(values.size()) {
    copy_to_device(data_, values.data(), values.size_bytes(), {});
  }

  ~Array() { release(data_); }

  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  T* data() { return data_; }

  std::vector<T> values(Stream stream = {}) const {
    std::vector<T> out(size_);
    copy_to_host(out.data(), data_, size_ * sizeof(T), stream);
    return out;
  }

 private:
  T* data_;
  std::size_t size_;
};

}  // namespace femto::cuda
