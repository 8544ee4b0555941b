// The machine of tests/cuda/machine.h that is a device.
#pragma once
#include "tests/cuda/machine.h"

#include "femto/cuda/device.h"

namespace femto::testing {

struct Device {
  cuda::Stream where;

  template <class T>
  using Array = cuda::Array<T>;
};

}  // namespace femto::testing
