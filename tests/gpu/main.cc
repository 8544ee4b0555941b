// Runs the tests on the device, or says that there is none and asks ctest to skip them.
#include <cstdio>

#include <gtest/gtest.h>

#include "femto/cuda/device.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!femto::cuda::available()) {
    std::puts("no CUDA device with a driver for this build: nothing was tested");
    return 77;
  }
  std::printf("on %s\n", femto::cuda::describe_device().c_str());
  return RUN_ALL_TESTS();
}
