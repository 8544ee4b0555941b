// What is said of a posterior's draws: in sentences, in result.json, as arrays.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "femto/pipeline/identify_words.h"
#include "femto/pipeline/posterior.h"
#include "femto/stats/importance.h"

namespace femto {

using nlohmann::ordered_json;

namespace {

ordered_json chains_json(const Posterior& posterior) {
  return {{"chains", posterior.theta.size()},
          {"warmup", posterior.warmup},
          {"draws", posterior.theta.front().size()},
          {"prior", "flat in the box of each free parameter"},
          {"held", ordered_json::object()},
          {"acceptance", posterior.acceptance},
          {"divergences", posterior.divergences},
          {"cut_short", posterior.cut_short},
          {"bfmi", posterior.bfmi},
          {"evaluations", posterior.evaluations},
          {"quick_spread", posterior.quick_spread}};
}

ordered_json learnt_json(const Posterior& posterior) {
  const auto& l = *posterior.learnt;
  ordered_json out = {{"amortised", true},
                      {"draws", posterior.theta.front().size()},
                      {"prior", "flat in the box of each free parameter"},
                      {"held", ordered_json::object()},
                      {"simulations", l.simulations},
                      {"training_s", l.training_s},
                      {"network", l.from},
                      {"strangeness", l.strangeness},
                      {"corrected", l.corrected}};
  if (l.corrected) {
    out["ess"] = l.ess;
    out["largest_weight"] = l.largest_weight;
    out["pareto_k"] = l.pareto_k;
  }
  return out;
}

std::vector<std::string> warnings_of(const LearntDraws& l) {
  std::vector<std::string> out;
  if (l.strangeness > strange_data)
    out.push_back(fmt::format(
        "These data are unlike all simulations that the amortised posterior was learnt "
        "from ({:.1f} times as far out as the farthest): it extrapolates; widen the boxes "
        "of the parameters, or look for what the simulation lacks.",
        l.strangeness));
  if (!l.corrected) return out;
  if (!(l.ess >= ess_limit))
    out.push_back(fmt::format(
        "The draws of the amortised posterior are worth only {:.0f} after weighting by the "
        "likelihood (wanted {:.0f}): it is a poor guide here; raise "
        "amortiser.simulations or intervals.draws, or use intervals.method=posterior.",
        l.ess,
        ess_limit));
  if (!(l.pareto_k <= stats::pareto_limit))
    out.push_back(fmt::format(
        "The weights of the draws have a heavy tail (Pareto k {:.2f}, wanted below {}; the "
        "largest has {:.0f} %): the amortised posterior is too narrow somewhere and the "
        "weights cannot repair it; raise amortiser.simulations, or use "
        "intervals.method=posterior.",
        l.pareto_k,
        stats::pareto_limit,
        100 * l.largest_weight));
  return out;
}

}  // namespace

std::vector<std::string> warnings_of(const Posterior& posterior,
                                     const std::vector<DrawQuality>& qualities) {
  if (posterior.learnt) return warnings_of(*posterior.learnt);
  std::vector<std::string> out, apart, few;
  double worst = 0, least = std::numeric_limits<double>::infinity();
  for (const auto& q : qualities) {
    const double ess = std::min(q.ess_bulk, q.ess_tail);
    if (!(q.rhat <= rhat_limit)) apart.push_back(q.name);
    if (!(ess >= ess_limit)) few.push_back(q.name);
    worst = std::max(worst, q.rhat);
    least = std::min(least, ess);
  }
  if (!apart.empty())
    out.push_back(fmt::format(
        "The chains of the posterior do not agree on {} (R-hat up to {:.3f}, wanted below "
        "{}): its intervals are not to be trusted; sample longer (intervals.warmup, "
        "intervals.draws), or look at profile intervals for separate modes.",
        listed(apart),
        worst,
        rhat_limit));
  if (!few.empty())
    out.push_back(fmt::format(
        "The draws of {} are worth only {:.0f} independent ones (wanted {:.0f}): the ends "
        "of intervals are uncertain; raise intervals.draws.",
        listed(few),
        least,
        ess_limit));
  if (posterior.divergences > 0)
    out.push_back(
        fmt::format("{} trajector{} diverged: the sampler may miss a narrow part of the "
                    "posterior; raise intervals.acceptance.",
                    posterior.divergences,
                    posterior.divergences == 1 ? "y" : "ies"));
  if (posterior.bfmi < bfmi_limit)
    out.push_back(fmt::format(
        "The energies of the chains move slowly (BFMI {:.2f}, wanted above {}): the tails "
        "of the posterior are explored poorly; narrow the box where it can be.",
        posterior.bfmi,
        bfmi_limit));
  return out;
}

nlohmann::ordered_json to_json(const Posterior& posterior,
                               const std::vector<DrawQuality>& qualities,
                               const ParameterSetup& setup) {
  ordered_json out = posterior.learnt ? learnt_json(posterior) : chains_json(posterior);
  for (const auto& [j, value] : posterior.held)
    out["held"][setup.parameters[j].name] = value;
  out["trusted"] = warnings_of(posterior, qualities).empty();
  out["quantities"] = nlohmann::ordered_json::array();
  for (const auto& q : qualities)
    out["quantities"].push_back({{"name", q.name},
                                 {"mean", q.mean},
                                 {"median", q.median},
                                 {"rhat", q.rhat},
                                 {"ess_bulk", q.ess_bulk},
                                 {"ess_tail", q.ess_tail}});
  return out;
}

io::Array draws_array(const Posterior& posterior,
                      const std::vector<Quantity>& quantities) {
  io::Array out{.name = "posterior/draws",
                .shape = {posterior.theta.size(),
                          posterior.theta.front().size(),
                          quantities.size()},
                .values = {},
                .dims = {"chain", "draw", "quantity"},
                .about =
                    "Draws from the posterior with a flat prior in the box: "
                    "parameters in order, then derived quantities."};
  for (const auto& chain : posterior.theta)
    for (const auto& theta : chain)
      for (const auto& q : quantities) out.values.push_back(q.value(theta));
  return out;
}

}  // namespace femto
