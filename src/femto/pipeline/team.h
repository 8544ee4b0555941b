// The ranks that run a study together, and how they share its work.
#pragma once
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "femto/config/field.h"
#include "femto/config/rule.h"
#include "femto/exchange/exchange.h"

namespace femto {

enum class Exchanged { generator, all };

constexpr std::array<std::pair<std::string_view, Exchanged>, 2> names(Exchanged) {
  return {{{"generator", Exchanged::generator}, {"all", Exchanged::all}}};
}

struct RankSettings {
  Exchanged what = Exchanged::generator;
  int shares = 4;
  double limit = 25;
  double delay = 0;
  double delay_sigma = 0.5;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&RankSettings::what>(
            {.doc = "networks that the exchange keeps together. generator: every rank "
                    "has a discriminator and a part of the data of its own, as "
                    "published; all: results do not depend on the number of ranks, if "
                    "the strategy is synchronous"}),
        field<&RankSettings::shares>(
            {.doc = "pieces that a batch is cut into for the ranks to share; cut "
                    "further until every rank has equally many. Results are those of "
                    "one rank for 2, 4, ... ranks that divide it",
             .rule = config::between(1, 1024)}),
        field<&RankSettings::limit>(
            {.doc = "longest wait for another rank before the run ends with an error",
             .unit = "s",
             .rule = config::positive}),
        field<&RankSettings::delay>(
            {.doc = "mean of a random time that every rank loses in every step, to "
                    "measure what waiting costs; 0 = none",
             .unit = "s",
             .rule = config::at_least_zero}),
        field<&RankSettings::delay_sigma>(
            {.doc = "shape of that time's log-normal distribution",
             .rule = config::at_least_zero}),
    };
  }
};

/// Handed to solvers that play together; members and settings outlive the solve.
struct Team {
  const Exchange& exchange;
  exchange::Communicator& group;
  RankSettings settings;
};

}  // namespace femto
