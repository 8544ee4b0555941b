// Looks up the prior that a theory brings.
#include "femto/pipeline/prior.h"

namespace femto {

std::vector<Constraint> prior_of(const Theory& theory) {
  const auto* with = dynamic_cast<const HasPrior*>(&theory);
  return with ? with->prior() : std::vector<Constraint>{};
}

}  // namespace femto
