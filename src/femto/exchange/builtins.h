// The strategies that ship with the library, found by the build.
#pragma once
#include "femto/config/registry.h"

namespace femto::exchange {

/// Adds every component under src/femto/exchange/exchange/.
void register_builtins(Registry& r);

}  // namespace femto::exchange
