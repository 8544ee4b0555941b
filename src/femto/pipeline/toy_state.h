// A toy as the state that travels between ranks.
#pragma once
#include "femto/io/checkpoint.h"
#include "femto/pipeline/toys.h"

namespace femto {

io::State to_state(const Toy& toy);

/// The same toy, bit for bit. Throws DataError if the state is not a toy.
Toy toy_from(const io::State& state);

}  // namespace femto
