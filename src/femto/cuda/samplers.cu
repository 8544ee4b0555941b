// The samplers, and events as features, on the device. Built without contraction (no
// fused multiply-add), so that they round as the CPU does.
#include "femto/cuda/bilinear.h"
#include "femto/cuda/features.h"
#include "femto/cuda/launch.cuh"
#include "femto/cuda/loits_backward.h"

namespace femto::cuda {

template void launch(const RunningIntegral<float>&, Stream);
template void launch(const RunningIntegral<double>&, Stream);
template void launch(const FoldParts<float>&, Stream);
template void launch(const FoldParts<double>&, Stream);

template void launch(const ColumnToFeature&, Stream);
template void launch(const FeatureToColumn&, Stream);

template void launch(const DrawPiecewiseLinear<float>&, Stream);
template void launch(const DrawPiecewiseLinear<double>&, Stream);
template void launch(const SumByCell<float, 4, PiecewiseLinearShares<float>>&, Stream);
template void launch(const SumByCell<double, 4, PiecewiseLinearShares<double>>&, Stream);
template void launch(const NodeSlopes<float, PiecewiseLinearSums<float>>&, Stream);
template void launch(const NodeSlopes<double, PiecewiseLinearSums<double>>&, Stream);

template void launch(const DrawBilinear<float>&, Stream);
template void launch(const DrawBilinear<double>&, Stream);
template void launch(const SumByCell<float, 12, BilinearShares<float>>&, Stream);
template void launch(const SumByCell<double, 12, BilinearShares<double>>&, Stream);
template void launch(const BilinearColumns<float>&, Stream);
template void launch(const BilinearColumns<double>&, Stream);
template void launch(const NodeSlopes<float, BilinearRowSums<float>>&, Stream);
template void launch(const NodeSlopes<double, BilinearRowSums<double>>&, Stream);

template void launch(const LoitsWeights<float>&, Stream);
template void launch(const LoitsWeights<double>&, Stream);
template void launch(const DrawLoits<float>&, Stream);
template void launch(const DrawLoits<double>&, Stream);
template void launch(const SumByCell<float, 2, LoitsShares<float>>&, Stream);
template void launch(const SumByCell<double, 2, LoitsShares<double>>&, Stream);
template void launch(const LoitsCurveSlopes<float>&, Stream);
template void launch(const LoitsCurveSlopes<double>&, Stream);
template void launch(const LoitsPointSlopes<float>&, Stream);
template void launch(const LoitsPointSlopes<double>&, Stream);

}  // namespace femto::cuda
