// Makes the members of an LHAPDF6 set from the parameters of a fit.
#include "femto/qcd/lhapdf_set.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

/// Scales from a to b (GeV2), both included, equally spaced in ln ln(mu2/Lambda2).
std::vector<double> between(double a, double b) {
  constexpr double lambda2 = 0.04, step = 0.04;
  const auto u = [](double mu2) { return std::log(std::log(mu2 / lambda2)); };
  const double range = u(b) - u(a);
  const auto steps = std::max<std::size_t>(3, static_cast<std::size_t>(range / step) + 1);
  std::vector<double> out;
  for (std::size_t k = 0; k <= steps; ++k) {
    const double t = static_cast<double>(k) / static_cast<double>(steps);
    out.push_back(lambda2 * std::exp(std::exp(u(a) + t * range)));
  }
  out.front() = a;
  out.back() = b;
  return out;
}

/// Densities at the start of every member, the central one first.
std::vector<std::vector<double>> starts_of(const StartModel& model,
                                           const LhapdfMembers& members,
                                           std::size_t size) {
  const auto at = [&](std::span<const double> parameters) {
    std::vector<double> out(size);
    model.densities(parameters, out);
    return out;
  };
  std::vector<std::vector<double>> out = {at(members.estimate)};
  if (members.kind == MemberKind::hessian) {
    std::vector<double> slopes(members.estimate.size() * size);
    model.jacobian(members.estimate, slopes);
    for (const auto& shift : members.others) {
      auto shifted = out[0];
      for (std::size_t p = 0; p < shift.size(); ++p)
        for (std::size_t j = 0; shift[p] != 0 && j < size; ++j)
          shifted[j] += shift[p] * slopes[p * size + j];
      out.push_back(std::move(shifted));
    }
  } else if (members.kind == MemberKind::replicas) {
    std::fill(out[0].begin(), out[0].end(), 0.0);
    for (const auto& replica : members.others) {
      out.push_back(at(replica));
      for (std::size_t j = 0; j < size; ++j)
        out[0][j] += out.back()[j] / static_cast<double>(members.others.size());
    }
  }
  return out;
}

}  // namespace

EvolutionSettings lhapdf_evolution(EvolutionSettings s, double x_min, double q_max_gev) {
  const double end = q_max_gev * q_max_gev;
  if (!(end > s.start_mu2_gev2) || std::isinf(end))
    fail("a set that ends at Q = {} GeV and begins at {:.4g} GeV (the range is empty)",
         q_max_gev,
         std::sqrt(s.start_mu2_gev2));
  s.grid.x_min = x_min;
  s.mu2_gev2.clear();
  double from = s.start_mu2_gev2;
  for (int h = 4; h <= 6; ++h) {
    const double threshold = s.coupling.flavours.threshold(h);
    if (!(threshold > from && threshold < end)) continue;
    for (const double mu2 : between(from, threshold)) s.mu2_gev2.push_back(mu2);
    s.mu2_gev2.pop_back();
    from = threshold;
  }
  for (const double mu2 : between(from, end)) s.mu2_gev2.push_back(mu2);
  return s;
}

LhapdfSet lhapdf_set(const Evolution& evolution,
                     const StartModel& model,
                     const LhapdfMembers& members) {
  const bool alone = members.kind == MemberKind::none;
  expect(alone == members.others.empty(), "members of a kind");
  const auto& grid = evolution.grid();
  std::vector<double> x(grid.x().begin(), grid.x().end());
  x.push_back(1);
  const bool replicas = members.kind == MemberKind::replicas;
  LhapdfSet set{lhapdf_info(evolution), {}};
  std::vector<double> values(evolution.scales() * flavour_rows * grid.size());
  for (const auto& start : starts_of(model, members, flavour_rows * grid.size())) {
    evolution.evolve(start, values);
    const char* type = set.members.empty() ? "central" : (replicas ? "replica" : "error");
    set.members.push_back(lhapdf_member(evolution, values, x, type));
  }
  set.info.set("ErrorType", replicas ? "replicas" : (alone ? "unknown" : "symmhessian"));
  if (!replicas && !alone) set.info.set("ErrorConfLevel", "68.268949");
  return set;
}

}  // namespace femto::qcd
