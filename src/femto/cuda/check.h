// Turns a code of the CUDA runtime into an error.
#pragma once

namespace femto::cuda {

/// Throws CudaError (femto/cuda/device.h) unless `code`, a cudaError_t, is 0. `what`: the
/// kernel or call. Without formatting in this header, which nvcc reads too.
void check(int code, const char* what);

}  // namespace femto::cuda
