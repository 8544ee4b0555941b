// Memory of the machine that kernels run on: the CPU here, a GPU in gpu_cuda.cc.
#pragma once
#include <cstddef>
#include <cstring>
#include <new>
#include <span>

#include "femto/cuda/launch.h"

namespace femto::neural {

/// Kernels and their memory on the CPU. A machine is copyable and has these members;
/// copies wait until what was launched before is done.
struct HostMachine {
  cuda::OnHost where;

  void* allocate(std::size_t bytes) const { return ::operator new(bytes); }

  void release(void* memory) const noexcept { ::operator delete(memory); }

  void put(void* to, const void* from, std::size_t bytes) const {
    std::memcpy(to, from, bytes);
  }

  void get(void* to, const void* from, std::size_t bytes) const {
    std::memcpy(to, from, bytes);
  }
};

/// An array of a machine that is allocated once and only ever grows.
template <class T, class Machine>
class DeviceMemory {
 public:
  explicit DeviceMemory(const Machine& machine) : machine_(machine) {}

  ~DeviceMemory() { machine_.release(data_); }

  DeviceMemory(DeviceMemory&& other) noexcept
      : machine_(other.machine_), data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }

  DeviceMemory& operator=(DeviceMemory&&) = delete;

  /// Room for n numbers; what was there is lost if it has to grow.
  T* room(std::size_t n) {
    if (n > size_) {
      machine_.release(data_);
      data_ = nullptr;
      size_ = 0;
      data_ = static_cast<T*>(machine_.allocate(n * sizeof(T)));
      size_ = n;
    }
    return data_;
  }

  T* put(std::span<const T> values) {
    T* to = room(values.size());
    machine_.put(to, values.data(), values.size_bytes());
    return to;
  }

  /// The first numbers.
  void get(std::span<T> to) const { machine_.get(to.data(), data_, to.size_bytes()); }

  T* data() const { return data_; }

 private:
  Machine machine_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace femto::neural
