// Words of ExchangeError.
#include "femto/exchange/failure.h"

#include <fmt/format.h>

namespace femto::exchange {
namespace {

std::string words(const Place& p, const std::string& cause) {
  std::string out = fmt::format("rank {}: {}", p.rank, p.operation);
  if (!p.what.empty()) out += fmt::format(" of '{}'", p.what);
  if (p.peer >= 0) out += fmt::format(" with rank {}", p.peer);
  return out + fmt::format(" failed after {:.3g} s: {}", p.seconds, cause);
}

}  // namespace

ExchangeError::ExchangeError(Place place, const std::string& cause, std::string hint)
    : Error(words(place, cause), std::move(hint), Exit::numerical),
      place_(std::move(place)) {}

}  // namespace femto::exchange
