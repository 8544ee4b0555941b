// libtorch set up for the way Femtograph uses it: one thread per tile, memory kept.
#pragma once
#include <string>

namespace femto::neural {

/// Called once when the plugin is loaded. Tensor operations and BLAS use one thread each;
/// the work is spread over femto::threads() by tiles, which makes results independent of
/// their number. Vectors are as wide as the machine has (ATEN_CPU_CAPABILITY overrides).
/// The C library keeps freed memory, so that tensors do not page-fault anew
/// in every step.
void prepare_runtime();

/// Version, vector capability, BLAS and threads per operation of the tensor library, for
/// `femto doctor`.
std::string runtime_text();

}  // namespace femto::neural
