// What ends a distributed run: an error that names who failed whom, in what, and when.
#pragma once
#include <string>

#include "femto/core/error.h"

namespace femto::exchange {

/// Where a communication stood when it failed.
struct Place {
  int rank = 0;           // who reports
  int peer = -1;          // whom it waited for; -1: nobody in particular
  std::string operation;  // "allreduce", "window get", ...
  std::string what;       // the tensor, as the caller calls it
  double seconds = 0;     // how long it waited
};

/// Why a communication failed.
enum class Cause {
  silent,     // no answer within the limit
  left,       // the peer has ended its part
  abandoned,  // a rank has declared the run failed
  mismatch,   // numbers came, but not those that were expected
};

/// A communication that did not succeed. Not a NumericalError on purpose: ensembles drop
/// members that diverged, and a lost rank must never pass for one.
class ExchangeError : public Error {
 public:
  ExchangeError(Place place,
                Cause cause,
                const std::string& words,
                std::string hint,
                Exit code = Exit::numerical);

  const Place& place() const { return place_; }

  Cause cause() const { return cause_; }

 private:
  Place place_;
  Cause cause_;
};

}  // namespace femto::exchange
