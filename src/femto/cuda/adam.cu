// Adam on the device.
#include "femto/cuda/adam.h"
#include "femto/cuda/launch.cuh"

namespace femto::cuda {

template void launch(const AdamStep<float>&, Stream);
template void launch(const AdamStep<double>&, Stream);

}  // namespace femto::cuda
