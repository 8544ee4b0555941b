#include "femto/qcd/evolution.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/number_cache.h"
#include "femto/qcd/operators.h"

namespace femto::qcd {
namespace {

using Eigen::Index;
using Eigen::Map;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Densities at one scale, one column for each flavour.
using Table = Map<Eigen::MatrixXd>;
using ConstTable = Map<const Eigen::MatrixXd>;

/// All that the numbers depend on.
std::string description(const EvolutionSettings& s) {
  const auto& c = s.coupling;
  std::string text =
      fmt::format("evolution operators; {}; alpha_s({}) = {} with {} loops",
                  KernelMatrices::description(XGrid(s.grid), s.order),
                  c.mu2_gev2,
                  c.alpha,
                  c.loops);
  for (int h = 4; h <= 6; ++h) text += fmt::format("; {}", c.flavours.threshold(h));
  text += fmt::format("; from {} to", s.start_mu2_gev2);
  for (const double mu2 : s.mu2_gev2) text += fmt::format(" {}", mu2);
  return text;
}

void check(const EvolutionSettings& s) {
  if (!(s.start_mu2_gev2 > 0) || std::isinf(s.start_mu2_gev2))
    fail("evolution from mu2 = {} GeV2 (a scale must be positive)", s.start_mu2_gev2);
  for (std::size_t k = 0; k < s.mu2_gev2.size(); ++k) {
    if (!(s.mu2_gev2[k] > 0) || std::isinf(s.mu2_gev2[k]))
      fail("evolution to mu2 = {} GeV2 (a scale must be positive)", s.mu2_gev2[k]);
    if (k > 0 && !(s.mu2_gev2[k] > s.mu2_gev2[k - 1]))
      fail("evolution to mu2 = {} GeV2 after {} (scales must ascend)",
           s.mu2_gev2[k],
           s.mu2_gev2[k - 1]);
  }
}

/// The matrices of one scale.
struct Matrices {
  const Evolution& evolution;
  std::size_t scale;

  ConstTable operator[](Operator op) const { return map(evolution.matrix(scale, op)); }

  ConstTable heavy(Operator op, int flavour) const {
    return map(evolution.matrix(
        scale, op, static_cast<std::size_t>(flavour - evolution.start_flavours() - 1)));
  }

  ConstTable map(std::span<const double> numbers) const {
    const auto n = static_cast<Index>(evolution.grid().size());
    return {numbers.data(), n, n};
  }
};

constexpr auto gluon = static_cast<Index>(flavour_row(0));

constexpr Index quark(int h) {
  return static_cast<Index>(flavour_row(h));
}

constexpr Index antiquark(int h) {
  return static_cast<Index>(flavour_row(-h));
}

}  // namespace

Evolution::Evolution(const EvolutionSettings& settings,
                     const std::filesystem::path& cache)
    : settings_(settings), grid_(settings.grid) {
  check(settings_);
  const StrongCoupling coupling(settings_.coupling);
  const auto& scheme = settings_.coupling.flavours;
  const auto& targets = settings_.mu2_gev2;
  start_flavours_ = scheme.at(settings_.start_mu2_gev2);
  std::size_t total = 0;
  for (const double mu2 : targets) {
    offsets_.push_back(total);
    const int joined = std::max(0, scheme.at(mu2) - start_flavours_);
    total +=
        operator_count(static_cast<std::size_t>(joined)) * grid_.size() * grid_.size();
  }
  const auto above = static_cast<std::size_t>(
      std::lower_bound(targets.begin(), targets.end(), settings_.start_mu2_gev2) -
      targets.begin());
  const std::vector<double> up(targets.begin() + static_cast<std::ptrdiff_t>(above),
                               targets.end());
  const std::vector<double> down(targets.rend() - static_cast<std::ptrdiff_t>(above),
                                 targets.rend());
  const auto path_up = evolution_path(coupling, settings_.start_mu2_gev2, up);
  const auto path_down = evolution_path(coupling, settings_.start_mu2_gev2, down);
  numbers_ = cached_numbers(cache, "evolution", description(settings_), total, [&] {
    const KernelMatrices kernels(
        grid_.size(),
        settings_.order,
        cached_numbers(
            cache,
            "kernels",
            KernelMatrices::description(grid_, settings_.order),
            pieces_of(settings_.order) * grid_.size() * grid_.size(),
            [&] { return KernelMatrices::build(grid_, settings_.order).numbers(); }));
    std::vector<double> numbers(total);
    std::vector<double*> out_up, out_down;
    for (std::size_t k = above; k < targets.size(); ++k)
      out_up.push_back(numbers.data() + offsets_[k]);
    for (std::size_t k = above; k-- > 0;)
      out_down.push_back(numbers.data() + offsets_[k]);
    build_operators(kernels, path_up, out_up);
    build_operators(kernels, path_down, out_down);
    return numbers;
  });
}

int Evolution::flavours(std::size_t scale) const {
  return std::max(start_flavours_,
                  settings_.coupling.flavours.at(settings_.mu2_gev2[scale]));
}

std::span<const double> Evolution::matrix(std::size_t scale,
                                          Operator op,
                                          std::size_t heavy) const {
  const std::size_t size = grid_.size() * grid_.size();
  const auto place = static_cast<std::size_t>(op) + 2 * heavy;
  expect(
      place < operator_count(static_cast<std::size_t>(flavours(scale) - start_flavours_)),
      "no such matrix at this scale");
  return std::span(numbers_).subspan(offsets_[scale] + place * size, size);
}

void Evolution::evolve(std::span<const double> start, std::span<double> out) const {
  const std::size_t size = flavour_rows * grid_.size();
  expect(start.size() == size && out.size() == scales() * size,
         "densities are [flavour, node], and [scale, flavour, node] after evolution");
  for (int h = start_flavours_ + 1; h <= 6; ++h)
    for (const int id : {h, -h}) {
      const auto row = start.subspan(flavour_row(id) * grid_.size(), grid_.size());
      if (std::any_of(row.begin(), row.end(), [](double f) { return f != 0; }))
        fail(
            "a density of flavour {} at mu2 = {} GeV2 (below its threshold a heavy "
            "flavour is zero)",
            id,
            settings_.start_mu2_gev2);
    }
  parallel_for(scales(),
               [&](std::size_t k) { evolve_to(k, start.data(), out.data() + k * size); });
}

void Evolution::evolve_to(std::size_t scale, const double* start, double* out) const {
  const Matrices e{*this, scale};
  const auto nodes = static_cast<Index>(grid_.size());
  const ConstTable f(start, nodes, flavour_rows);
  Table to(out, nodes, flavour_rows);
  to.setZero();
  MatrixXd plus(nodes, start_flavours_), minus(nodes, start_flavours_);
  for (int q = 1; q <= start_flavours_; ++q) {
    plus.col(q - 1) = f.col(quark(q)) + f.col(antiquark(q));
    minus.col(q - 1) = f.col(quark(q)) - f.col(antiquark(q));
  }
  const VectorXd sum = plus.rowwise().sum(), g = f.col(gluon);
  const VectorXd light = e[Operator::light_s] * sum + e[Operator::light_g] * g;
  const MatrixXd new_plus = e[Operator::plus] * plus;
  const MatrixXd new_minus = e[Operator::minus] * minus;
  to.col(gluon) = e[Operator::gluon_s] * sum + e[Operator::gluon_g] * g;
  for (int q = 1; q <= start_flavours_; ++q) {
    to.col(quark(q)) = 0.5 * (new_plus.col(q - 1) + light + new_minus.col(q - 1));
    to.col(antiquark(q)) = 0.5 * (new_plus.col(q - 1) + light - new_minus.col(q - 1));
  }
  for (int h = start_flavours_ + 1; h <= flavours(scale); ++h) {
    to.col(quark(h)) =
        0.5 * (e.heavy(Operator::heavy_s, h) * sum + e.heavy(Operator::heavy_g, h) * g);
    to.col(antiquark(h)) = to.col(quark(h));
  }
}

void Evolution::pull_back(std::span<const double> gradient,
                          std::span<double> at_start) const {
  const std::size_t size = flavour_rows * grid_.size();
  expect(gradient.size() == scales() * size && at_start.size() == size,
         "gradients have the shapes of the densities");
  std::vector<double> parts(scales() * size);
  parallel_for(scales(), [&](std::size_t k) {
    pull_back_from(k, gradient.data() + k * size, parts.data() + k * size);
  });
  std::fill(at_start.begin(), at_start.end(), 0.0);
  for (std::size_t k = 0; k < scales(); ++k)
    for (std::size_t i = 0; i < size; ++i) at_start[i] += parts[k * size + i];
}

void Evolution::pull_back_from(std::size_t scale,
                               const double* gradient,
                               double* at_start) const {
  const Matrices e{*this, scale};
  const auto nodes = static_cast<Index>(grid_.size());
  const ConstTable g(gradient, nodes, flavour_rows);
  Table to(at_start, nodes, flavour_rows);
  to.setZero();
  MatrixXd plus(nodes, start_flavours_), minus(nodes, start_flavours_);
  for (int q = 1; q <= start_flavours_; ++q) {
    plus.col(q - 1) = 0.5 * (g.col(quark(q)) + g.col(antiquark(q)));
    minus.col(q - 1) = 0.5 * (g.col(quark(q)) - g.col(antiquark(q)));
  }
  const VectorXd light = plus.rowwise().sum(), from_gluon = g.col(gluon);
  VectorXd sum = e[Operator::light_s].transpose() * light +
                 e[Operator::gluon_s].transpose() * from_gluon;
  to.col(gluon) = e[Operator::light_g].transpose() * light +
                  e[Operator::gluon_g].transpose() * from_gluon;
  for (int h = start_flavours_ + 1; h <= flavours(scale); ++h) {
    const VectorXd heavy = 0.5 * (g.col(quark(h)) + g.col(antiquark(h)));
    sum += e.heavy(Operator::heavy_s, h).transpose() * heavy;
    to.col(gluon) += e.heavy(Operator::heavy_g, h).transpose() * heavy;
  }
  const MatrixXd to_plus = e[Operator::plus].transpose() * plus;
  const MatrixXd to_minus = e[Operator::minus].transpose() * minus;
  for (int q = 1; q <= start_flavours_; ++q) {
    to.col(quark(q)) = to_plus.col(q - 1) + sum + to_minus.col(q - 1);
    to.col(antiquark(q)) = to_plus.col(q - 1) + sum - to_minus.col(q - 1);
  }
}

}  // namespace femto::qcd
