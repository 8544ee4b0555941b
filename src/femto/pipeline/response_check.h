// What pairs that a response was not learnt from say of it.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/physics/migration.h"
#include "femto/physics/mixture_response.h"
#include "femto/pipeline/response_pairs.h"

namespace femto {

struct ResponseCheck {
  std::size_t pairs = 0;       // held out and measured
  double log_density = 0;      // their mean ln q(y | x)
  double gain = 0, error = 0;  // of it over the binned response, with standard error
  std::size_t impossible = 0;  // pairs to which the binned response gives no density
  /// PIT values F(y | x) of all, and of four parts of equal size in x: five times the
  /// least p-value of uniformity, at most 1, and the largest distance from the diagonal
  /// of all.
  double pit_p = 1, pit_distance = 0;
  double detection_p = 1;  // of the numbers that are measured in 20 parts in x
};

/// `binned`: made from the same pairs as the response, for comparison.
ResponseCheck check_response(const MixtureResponse& response,
                             const Migration& binned,
                             const ResponsePairs& held_out);

/// In sentences: what was found, and what is doubtful.
std::vector<std::string> words(const ResponseCheck& check, const std::string& column);

}  // namespace femto
