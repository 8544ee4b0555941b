// How far a response learnt from pairs may be off because there are no more of them.
#pragma once
#include <vector>

#include "femto/core/matrix.h"
#include "femto/core/random.h"
#include "femto/physics/mixture_response.h"
#include "femto/pipeline/response_pairs.h"

namespace femto {

/// Errors of the shift and the width of the measured values and of the probability of
/// detection, each a function of the true value that is straight between eight places:
/// the inverse of the information that the pairs hold on them.
class ResponseErrors {
 public:
  /// `pairs`: those that the response was learnt from.
  ResponseErrors(ResponseKnots knots, const ResponsePairs& pairs);

  /// A response as other pairs, as many, would give it.
  ResponseKnots drawn(const random::Stream& stream) const;

 private:
  ResponseKnots knots_;
  Matrix root_;            // [shift and width at places]: normals become errors
  Matrix detection_root_;  // of detection; empty if nothing is lost
};

}  // namespace femto
