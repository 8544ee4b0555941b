// Random numbers on the device.
#include "femto/cuda/launch.cuh"
#include "femto/cuda/random.h"

namespace femto::cuda {

template void launch(const UniformPairs<float>&, Stream);
template void launch(const UniformPairs<double>&, Stream);
template void launch(const NormalPairs<float>&, Stream);
template void launch(const NormalPairs<double>&, Stream);
template void launch(const DropoutMask<float>&, Stream);
template void launch(const DropoutMask<double>&, Stream);

}  // namespace femto::cuda
