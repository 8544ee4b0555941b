// Words of ExchangeError.
#include "femto/exchange/failure.h"

#include <fmt/format.h>

namespace femto::exchange {
namespace {

std::string sentence(const Place& p, const std::string& words) {
  std::string out = fmt::format("rank {}: {}", p.rank, p.operation);
  if (!p.what.empty()) out += fmt::format(" of '{}'", p.what);
  if (p.peer >= 0) out += fmt::format(" with rank {}", p.peer);
  return out + fmt::format(" failed after {:.3g} s: {}", p.seconds, words);
}

}  // namespace

ExchangeError::ExchangeError(
    Place place, Cause cause, const std::string& words, std::string hint, Exit code)
    : Error(sentence(place, words), std::move(hint), code),
      place_(std::move(place)),
      cause_(cause) {}

}  // namespace femto::exchange
