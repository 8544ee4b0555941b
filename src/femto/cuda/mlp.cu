// The perceptron on the device.
#include "femto/cuda/launch.cuh"
#include "femto/cuda/mlp_tiles.h"

namespace femto::cuda {

template void launch(const MlpTiles<float, 8>&, Stream);
template void launch(const MlpTiles<float, 16>&, Stream);
template void launch(const MlpTiles<float, 32>&, Stream);
template void launch(const MlpTiles<double, 8>&, Stream);
template void launch(const MlpTiles<double, 16>&, Stream);
template void launch(const MlpTiles<double, 32>&, Stream);

}  // namespace femto::cuda
