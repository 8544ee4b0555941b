#include "femto/qcd/evolution_plan.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

void check(double start, std::span<const double> scales) {
  if (!(start > 0) || std::isinf(start))
    fail("evolution from mu2 = {} GeV2 (a scale must be positive)", start);
  for (std::size_t k = 0; k < scales.size(); ++k) {
    if (!(scales[k] > 0) || std::isinf(scales[k]))
      fail("evolution to mu2 = {} GeV2 (a scale must be positive)", scales[k]);
    if (k > 0 && !(scales[k] > scales[k - 1]))
      fail("evolution to mu2 = {} GeV2 after {} (scales must ascend)",
           scales[k],
           scales[k - 1]);
  }
}

}  // namespace

EvolutionPlan::EvolutionPlan(const StrongCoupling::Settings& coupling,
                             double start_mu2_gev2,
                             std::span<const double> mu2_gev2,
                             std::size_t nodes)
    : coupling_(coupling),
      start_(start_mu2_gev2),
      scales_(mu2_gev2.begin(), mu2_gev2.end()),
      nodes_(nodes) {
  check(start_, scales_);
  const auto& scheme = coupling.flavours;
  const int begin = scheme.at(start_);
  std::size_t total = 0;
  for (const double mu2 : scales_) {
    flavours_.push_back(std::max(begin, scheme.at(mu2)));
    offsets_.push_back(total);
    total += operator_count(static_cast<std::size_t>(flavours_.back() - begin)) * nodes_ *
             nodes_;
  }
  flavours_.push_back(begin);
  offsets_.push_back(total);
}

void EvolutionPlan::build(const std::function<Generators(int flavours)>& generators,
                          std::span<double> numbers) const {
  expect(numbers.size() == size(), "room for the matrices of another plan");
  std::vector<double> up, down;
  std::vector<double*> out_up, out_down;
  for (std::size_t k = 0; k < scales_.size(); ++k) {
    const bool above = scales_[k] >= start_;
    (above ? up : down).push_back(scales_[k]);
    (above ? out_up : out_down).push_back(numbers.data() + offsets_[k]);
  }
  std::reverse(down.begin(), down.end());
  std::reverse(out_down.begin(), out_down.end());
  build_operators(generators, evolution_path(coupling_, start_, up), out_up);
  build_operators(generators, evolution_path(coupling_, start_, down), out_down);
}

ScaleOperators EvolutionPlan::at(std::size_t scale,
                                 std::span<const double> numbers) const {
  return {nodes_,
          start_flavours(),
          flavours_[scale],
          numbers.subspan(offsets_[scale], offsets_[scale + 1] - offsets_[scale])};
}

void EvolutionPlan::check_start(std::span<const double> start) const {
  for (int h = start_flavours() + 1; h <= 6; ++h)
    for (const int id : {h, -h}) {
      const auto row = start.subspan(flavour_row(id) * nodes_, nodes_);
      if (std::any_of(row.begin(), row.end(), [](double f) { return f != 0; }))
        fail(
            "a density of flavour {} at mu2 = {} GeV2 (below its threshold a heavy "
            "flavour is zero)",
            id,
            start_);
    }
}

std::string EvolutionPlan::description() const {
  const auto& c = coupling_.settings();
  std::string text =
      fmt::format("alpha_s({}) = {} with {} loops", c.mu2_gev2, c.alpha, c.loops);
  for (int h = 4; h <= 6; ++h) text += fmt::format("; {}", c.flavours.threshold(h));
  text += fmt::format("; from {} to", start_);
  for (const double mu2 : scales_) text += fmt::format(" {}", mu2);
  return text;
}

}  // namespace femto::qcd
