#include "femto/pipeline/spread.h"

#include <algorithm>

#include <fmt/format.h>

#include "femto/exchange/collectives.h"
#include "femto/pipeline/plan.h"

namespace femto {

std::vector<std::size_t> Spread::pieces(std::uint64_t rows) const {
  const std::size_t all = (rows + events_per_piece - 1) / events_per_piece;
  std::vector<std::size_t> out;
  for (int r = 0; r <= ranks_; ++r) out.push_back(exchange::cut(all, r, ranks_));
  return out;
}

RowRange Spread::own(std::uint64_t rows) const {
  const auto bounds = pieces(rows);
  const auto row = [&](int r) {
    return std::min<std::uint64_t>(
        rows, std::uint64_t{bounds[static_cast<std::size_t>(r)]} * events_per_piece);
  };
  return {row(rank_), row(rank_ + 1)};
}

std::string to_bytes(const Question& question) {
  std::vector<double> all{static_cast<double>(question.topic)};
  all.insert(all.end(), question.numbers.begin(), question.numbers.end());
  return packed(std::span<const double>(all));
}

Question question_from(const std::string& bytes) {
  const auto all = unpacked<double>(bytes);
  expect(!all.empty(), "a question has a topic");
  return {static_cast<Topic>(static_cast<std::uint64_t>(all[0])),
          {all.begin() + 1, all.end()}};
}

std::string why_not_spread(const Plan& plan) {
  const auto& study = plan.study;
  if (study.ensemble.members > 1) return "members of an ensemble have a rank each";
  if (study.ensemble.bootstrap) return "events with bootstrap weights are not spread";
  if (plan.exchange) return "the ranks train networks together";
  if (!plan.objective->takes_spread_data())
    return fmt::format("objective '{}' needs all events on one rank",
                       study.objective.type);
  if (study.intervals.method == IntervalMethod::amortised)
    return "an amortised posterior looks at all events on one rank";
  if (!plan.source->can_be_spread())
    return "weighted events, or a source that says nothing of weights, are not spread";
  for (std::size_t i = 0; i < plan.analyses.size(); ++i)
    if (!plan.analyses[i]->takes_spread_data())
      return fmt::format("analysis '{}' needs all events on one rank",
                         study.analyses[i].type);
  return {};
}

}  // namespace femto
