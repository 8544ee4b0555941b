// The group of one, for a program that nobody started in parallel.
#pragma once
#include <memory>

#include "femto/exchange/transport.h"

namespace femto::exchange {

std::shared_ptr<Transport> alone();

}  // namespace femto::exchange
