// Every component that ships with the library, found by the build.
#pragma once
#include "femto/config/registry.h"

namespace femto {

/// A registry holding every component under src/femto/modules/ and src/femto/exchange/.
Registry builtin_registry();

}  // namespace femto
