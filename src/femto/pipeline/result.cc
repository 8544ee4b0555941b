// Puts result.json together.
#include "femto/pipeline/result.h"

#include <cmath>
#include <limits>

#include <sys/resource.h>

namespace femto {

using nlohmann::ordered_json;

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

const char* text_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::converged:
      return "converged";
    case Outcome::stopped:
      return "stopped";
    case Outcome::diverged:
      break;
  }
  return "diverged";
}

ordered_json solver_json(const RunRecord& r) {
  ordered_json fits = ordered_json::array();
  for (const auto& fit : r.fits)
    fits.push_back({{"outcome", text_of(fit.outcome)},
                    {"value", fit.value},
                    {"iterations", fit.iterations},
                    {"message", fit.message},
                    {"theta", fit.theta}});
  const auto& ensemble = r.plan.study.ensemble;
  return {{"type", r.plan.study.solver.type},
          {"members", r.fits.size()},
          {"bootstrap", ensemble.bootstrap},
          {"fits", fits}};
}

/// The smallest bulk ESS of all quantities; 0 if there are none.
double least_ess(const ordered_json& posterior) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& q : posterior.at("quantities"))
    if (q.at("ess_bulk").is_number())
      least = std::min(least, q.at("ess_bulk").get<double>());
  return std::isfinite(least) ? least : 0;
}

ordered_json data_json(const RunRecord& r) {
  return {{"label", r.data.info().label},
          {"checksum", r.data.info().checksum},
          {"rows_cut", r.data.dropped().rows_cut},
          {"rows_dropped", r.data.dropped().rows_dropped},
          {"dropped", r.data.dropped().text()}};
}

}  // namespace

Timing process_timing(double wall_s) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {wall_s,
          seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
}

ordered_json result_json(const RunRecord& r) {
  std::uint64_t simulated = 0;
  for (const auto& fit : r.fits) simulated += fit.simulated;
  ordered_json out = {
      {"schema", 1},
      {"study", r.plan.study.name},
      {"about", r.plan.study.about},
      {"status", "done"},
      {"parameters", r.inference.parameters},
      {"derived", r.inference.derived},
      {"identifiability", to_json(r.inference.identifiability, r.plan.fitted())},
      {"goodness_of_fit", ordered_json::object()},
      {"events",
       {{"data", r.data.rows()},
        {"effective", r.data.records()},
        {"simulated", simulated}}},
      {"data", data_json(r)},
      {"solver", solver_json(r)}};
  for (const auto& s : r.plan.experiment->instrument().survival(r.inference.theta))
    out["survival"].push_back({{"stage", s.stage}, {"kept", s.kept}});
  if (!r.inference.posterior.is_null()) out["posterior"] = r.inference.posterior;
  for (const auto& found : r.findings)
    if (!found.key.empty()) out[found.key] = found.result;
  out["notes"] = r.notes;
  out["timing"] = {{"wall_s", r.timing.wall_s},
                   {"cpu_s", r.timing.cpu_s},
                   {"peak_rss_bytes", r.timing.peak_rss_bytes}};
  if (r.inference.sampling_s > 0) {
    out["timing"]["sampling_s"] = r.inference.sampling_s;
    out["timing"]["ess_per_s"] =
        least_ess(r.inference.posterior) / r.inference.sampling_s;
  }
  return out;
}

}  // namespace femto
