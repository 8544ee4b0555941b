// A rank other than 0 that holds a part of the events and answers for it.
#pragma once
#include <optional>
#include <string>

#include "femto/pipeline/plan.h"
#include "femto/pipeline/sorted.h"
#include "femto/pipeline/spread.h"
#include "femto/pipeline/unbinned.h"

namespace femto {

/// Reads its events when it is first asked.
class Shard {
 public:
  /// The plan outlives it.
  Shard(const Plan& plan, int rank, int ranks) : plan_(plan), spread_(rank, ranks) {}

  Shard(const Shard&) = delete;

  /// The answer to to_bytes(Question).
  std::string answer(const std::string& question);

 private:
  const UnbinnedLikelihood& likelihood();

  const Plan& plan_;
  Spread spread_;
  std::optional<Dataset> data_;
  std::optional<Density> density_;
  std::optional<UnbinnedLikelihood> likelihood_;
  SortedPart sorted_;
};

}  // namespace femto
