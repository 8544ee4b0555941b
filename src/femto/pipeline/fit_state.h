// A finished fit as the state that a checkpoint keeps.
#pragma once
#include "femto/pipeline/solver.h"

namespace femto {

io::State to_state(const Fit& fit);

/// The same fit, bit for bit. Throws DataError if the state is not a fit.
Fit fit_from(const io::State& state);

}  // namespace femto
