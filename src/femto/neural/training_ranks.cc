// A training that several ranks play together: where they meet, and what they save.
#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"
#include "femto/exchange/collectives.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/parcel.h"
#include "femto/exchange/roll_call.h"
#include "femto/neural/training.h"

namespace femto::neural {
namespace {

constexpr int checkpoint_tag = 20;

/// Throws Error if a checkpoint cannot be resumed by so many ranks.
void check_ranks(const io::State& state, const Team& team) {
  const auto ranks = state.integer("ranks");
  const auto shares = state.integer("shares");
  if (ranks != 0 && ranks != team.group.size())
    throw Error(
        fmt::format("this checkpoint was written by {} ranks, each with weights "
                    "or a discriminator of its own; {} cannot go on with it",
                    ranks,
                    team.group.size()),
        fmt::format("resume with {} ranks (only a synchronous strategy that keeps all "
                    "of the optimiser on every rank, with ranks.what: all, "
                    "resumes on other numbers of ranks)",
                    ranks));
  const auto cut = static_cast<std::int64_t>(shares_of(&team).all);
  if (shares != cut)
    throw Error(fmt::format("this checkpoint was written with batches of {} shares, {} "
                            "ranks would cut them into {}",
                            shares,
                            team.group.size(),
                            cut),
                "resume with a number of ranks that divides the shares");
}

}  // namespace

bool Training::meets() const {
  return !task_.team || iteration_ % settings_.evaluate_every == 0 ||
         iteration_ == settings_.iterations;
}

bool Training::survives_deaths() const {
  return task_.team->exchange.terms(task_.team->group.size()).survives_death;
}

Training::Decision Training::decide(const StepReport& report,
                                    bool finite,
                                    std::uint64_t signal) {
  auto verdict = judge(report, finite);
  if (signal != 0 && verdict == Verdict::go_on) verdict = Verdict::save;
  return {verdict, verdict == Verdict::save ? static_cast<int>(signal) : 0};
}

Training::Decision Training::meet(const StepReport& report) {
  if (!task_.team) return {judge(report, finite_), 0};
  if (survives_deaths()) return meet_living(report);
  auto& group = task_.team->group;
  const std::uint64_t mine[] = {finite_, static_cast<std::uint64_t>(interrupt_signal())};
  std::vector<std::uint64_t> all(2 * static_cast<std::size_t>(group.size()));
  exchange::allgather<std::uint64_t>(group, mine, all, "state of the training");
  bool finite = true;
  std::uint64_t signal = 0;
  for (std::size_t r = 0; r < all.size(); r += 2) {
    finite = finite && all[r] != 0;
    signal = std::max(signal, all[r + 1]);
  }
  Decision made;
  if (leads()) made = decide(report, finite, signal);
  std::uint64_t words[] = {static_cast<std::uint64_t>(made.verdict),
                           static_cast<std::uint64_t>(made.signal)};
  exchange::broadcast<std::uint64_t>(group, 0, words, "verdict");
  return {static_cast<Verdict>(words[0]), static_cast<int>(words[1])};
}

/// Words are two characters: finite and signal, then verdict and signal.
Training::Decision Training::meet_living(const StepReport& report) {
  exchange::RollCall call;
  call.heard = [this](int rank) { return game_.heard(rank); };
  call.decide = [&](const exchange::Answers& said) {
    bool finite = true;
    char signal = 0;
    for (const auto& words : said) {
      if (!words) continue;
      finite = finite && words->at(0) != 0;
      signal = std::max(signal, words->at(1));
    }
    const auto made = decide(report, finite, static_cast<std::uint64_t>(signal));
    return std::string{static_cast<char>(made.verdict), static_cast<char>(made.signal)};
  };
  const std::string mine{static_cast<char>(finite_),
                         static_cast<char>(interrupt_signal())};
  const auto met = exchange::call_roll(task_.team->group, mine, call);
  for (const int rank : met.lost)
    if (leads())
      monitor_.note(
          fmt::format("rank {} was lost before iteration {}; the others go on "
                      "without it and its part of every batch",
                      rank,
                      iteration_));
  return {static_cast<Verdict>(met.decision.at(0)), met.decision.at(1)};
}

void Training::lose_time() {
  if (!task_.team || task_.team->settings.delay == 0) return;
  auto& [exchange, group, s] = *task_.team;
  const auto key = random::Stream::named(
      task_.seed, "delays", task_.member, static_cast<std::uint64_t>(group.rank()));
  const double z = random::normal_pair(key, static_cast<std::uint64_t>(iteration_))[0];
  // Mean 1 whatever the shape.
  group.pass(s.delay * std::exp(s.delay_sigma * z - 0.5 * s.delay_sigma * s.delay_sigma));
}

void Training::report_exchange() {
  if (!task_.team) return;
  auto& group = task_.team->group;
  const auto r = game_.exchanged();
  // Sums over ranks, then the largest of any rank.
  const double mine[] = {static_cast<double>(r.traffic.messages),
                         static_cast<double>(r.traffic.bytes),
                         r.traffic.seconds_waited,
                         r.staleness.sum,
                         static_cast<double>(r.staleness.contributions),
                         static_cast<double>(r.staleness.max)};
  constexpr std::size_t n = std::size(mine);
  std::vector<double> all(n * static_cast<std::size_t>(group.size()));
  exchange::allgather<double>(group, mine, all, "books of the exchange");
  std::vector<double> sum(n);
  double oldest = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    sum[i % n] += all[i];
    if (i % n == n - 1) oldest = std::max(oldest, all[i]);
  }
  if (!leads()) return;
  const double ranks = group.size();
  monitor_.report({"exchange",
                   static_cast<std::uint64_t>(iteration_),
                   static_cast<std::uint64_t>(settings_.iterations),
                   {{"ranks", ranks},
                    {"messages", sum[0] / ranks},
                    {"bytes", sum[1] / ranks},
                    {"waited_s", sum[2] / ranks},
                    {"staleness", sum[4] > 0 ? sum[3] / sum[4] : 0},
                    {"staleness_max", oldest},
                    {"train_s", elapsed_s()}}});
}

bool Training::same_everywhere() const {
  const auto& team = *task_.team;
  return team.settings.what == Exchanged::all &&
         team.exchange.terms(team.group.size()).like_one_rank && game_.owns_all();
}

void Training::checkpoint() {
  io::State state;
  save(state);
  if (task_.team) {
    // One file, written when it holds the states of all ranks: never half of them.
    const bool same = same_everywhere();
    const auto& team = *task_.team;
    state.put("ranks", std::int64_t{same ? 0 : team.group.size()});
    state.put("shares", static_cast<std::int64_t>(shares_of(&team).all));
    if (!same) {
      const auto bytes = leads() ? std::string() : to_bytes(state);
      const auto all = exchange::gather_bytes(team.group, bytes, "checkpoint");
      for (std::size_t r = 1; leads() && r < all.size(); ++r)
        state.put_state(fmt::format("rank{}", r), io::state_from(all[r]));
    }
  }
  if (leads()) monitor_.save(state);
}

std::optional<io::State> Training::restored() {
  auto state = leads() ? monitor_.restored() : std::nullopt;
  if (!task_.team) return state;
  auto& group = task_.team->group;
  exchange::together(group, "resume", [&] {
    if (state) check_ranks(*state, *task_.team);
  });
  std::uint64_t found = state.has_value();
  exchange::broadcast<std::uint64_t>(group, 0, std::span(&found, 1), "checkpoint");
  if (!found) return state;
  if (!leads()) {
    exchange::Mailbox box(group, 0, checkpoint_tag, "checkpoint");
    return io::state_from(box.wait().bytes);
  }
  for (int r = 1; r < group.size(); ++r) {
    const bool own = state->integer("ranks") != 0;
    const auto& theirs = own ? state->state(fmt::format("rank{}", r)) : *state;
    exchange::send_parcel(
        group, r, checkpoint_tag, {0, 0, to_bytes(theirs)}, "checkpoint");
  }
  return state;
}

}  // namespace femto::neural
