// Passes over all records in double precision, and Newton steps on their sums.
#include "femto/neural/ratio_head.h"

#include "femto/core/threads.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

constexpr std::size_t head_points = 64;
constexpr int newton_steps = 3;
constexpr double least_part = 1e-3;  // of a step; shorter ones are lost in rounding

/// Sums for a Newton step on a head.
struct HeadSums {
  Matrix gradient;  // [monomial, unit]
  Matrix squares;   // [unit, unit] of the reference
  double loss = 0;
};

/// One block of a batch: gradient of the loss in the head and squares of the units.
HeadSums head_sums(const TrainingSet& set,
                   const Batch& batch,
                   const RatioLoss& loss,
                   std::size_t group,
                   std::size_t first_column,
                   const ChannelRatio& ratio,
                   const std::vector<Monomials>& at,
                   std::size_t b) {
  const std::size_t points = batch.points, units = ratio.head.cols,
                    terms = ratio.head.rows;
  const auto axes = static_cast<std::size_t>(ratio.net.shape().event_inputs);
  HeadSums out{Matrix(terms, units), Matrix(units, units), 0};
  Matrix coefficient(points, units);  // monomials(z)^T head
  for (std::size_t k = 0; k < points; ++k)
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t u = 0; u < units; ++u)
        coefficient(k, u) += ratio.net.scale() * at[k].value[t] * ratio.head(t, u);
  std::vector<double> y(block * axes), h(group), joint(group), slope(group);
  Matrix slopes(points, block), along(points, units);
  for (std::size_t copy = 0; copy < batch.copies; ++copy) {
    const std::size_t start = (b * batch.copies + copy) * block;
    for (std::size_t a = 0; a < axes; ++a) {
      const auto& scale = set.scales()[first_column + a];
      for (std::size_t i = 0; i < block; ++i)
        y[i * axes + a] =
            (batch.measured[first_column + a][start + i] - scale.mean) / scale.sd;
    }
    const Matrix hidden = ratio.net.hidden(y, block);
    const Matrix all = stats::multiply(coefficient, hidden);  // h: [point, record]
    for (std::size_t i = 0; i < block; ++i) {
      const double w = batch.weight[start + i];
      for (std::size_t from = 0; from < points; from += group) {
        for (std::size_t k = 0; k < group; ++k) {
          const std::size_t p = from + k;
          const bool drawn = batch.copies == 1 || copy == p + 1;
          h[k] = all(p, i);
          joint[k] = drawn ? w * batch.ratio[(b * points + p) * block + i] : 0;
        }
        out.loss += loss({h, copy == 0 ? w : 0, joint}, slope);
        for (std::size_t k = 0; k < group; ++k) slopes(from + k, i) = slope[k];
      }
    }
    const Matrix across = stats::transpose(hidden);
    stats::add(along, 1, stats::multiply(slopes, across));
    if (copy > 0) continue;
    Matrix weighted = hidden;
    for (std::size_t u = 0; u < units; ++u)
      for (std::size_t i = 0; i < block; ++i) weighted(u, i) *= batch.weight[start + i];
    out.squares = stats::multiply(weighted, across);
  }
  for (std::size_t k = 0; k < points; ++k)
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t u = 0; u < units; ++u)
        out.gradient(t, u) += ratio.net.scale() * at[k].value[t] * along(k, u);
  return out;
}

/// d slope[0] / d h[0] of an event of weight 1 that no point favours.
double curvature_of(const RatioLoss& loss, std::size_t group) {
  constexpr double step = 1e-4;
  std::vector<double> h(group), joint(group, 1.0), up(group), down(group);
  h[0] = step;
  loss({h, 1, joint}, up);
  h[0] = -step;
  loss({h, 1, joint}, down);
  return (up[0] - down[0]) / (2 * step);
}

/// The same over all records.
HeadSums all_sums(const TrainingSet& set,
                  Batch& batch,
                  const RatioLoss& loss,
                  std::size_t group,
                  std::size_t first_column,
                  const ChannelRatio& ratio,
                  const std::vector<Monomials>& at) {
  const std::size_t terms = ratio.head.rows, units = ratio.head.cols;
  HeadSums out{Matrix(terms, units), Matrix(units, units), 0};
  for (std::size_t k = 0; k < set.records() / (block * blocks); ++k) {
    batch.draw_fixed(set, k);
    std::vector<HeadSums> parts(blocks);
    parallel_for(blocks, [&](std::size_t b) {
      parts[b] = head_sums(set, batch, loss, group, first_column, ratio, at, b);
    });
    for (const auto& part : parts) {
      stats::add(out.gradient, 1, part.gradient);
      stats::add(out.squares, 1, part.squares);
      out.loss += part.loss;
    }
  }
  return out;
}

}  // namespace

Monomials monomials(std::span<const double> z, double radius) {
  const std::size_t d = z.size();
  Monomials out{{}, Matrix(d * (d + 1) / 2 + 2 * d, d)};
  std::vector<double> u(z.begin(), z.end());
  for (double& v : u) v /= radius;
  std::size_t t = 0;
  for (std::size_t i = 0; i < d; ++i) {
    out.value.push_back(u[i]);
    out.slope(t++, i) = 1;
    out.value.push_back(u[i] * u[i] * u[i]);
    out.slope(t++, i) = 3 * u[i] * u[i];
    for (std::size_t j = 0; j <= i; ++j) {
      out.value.push_back(u[i] * u[j]);
      out.slope(t, i) += u[j];
      out.slope(t++, j) += u[i];
    }
  }
  return out;
}

void find_head(const TrainingSet& set,
               const RatioLoss& loss,
               std::size_t group,
               std::size_t first_column,
               ChannelRatio& ratio) {
  const std::size_t points = (head_points + group - 1) / group * group;
  Batch batch(set, points);
  std::vector<Monomials> at;
  for (std::size_t k = 0; k < points; ++k)
    at.push_back(monomials(set.points()[k], set.region().radius));
  const std::size_t terms = at[0].value.size();
  ratio.head =
      Matrix(terms, static_cast<std::size_t>(ratio.net.shape().hidden.back()) + 1);
  Matrix of_points(terms, terms);
  for (const auto& m : at) stats::add_outer(of_points, 1, m.value);
  const auto left = stats::pseudo_inverse(of_points, 1e-9).inverse;
  const double factor = curvature_of(loss, group) * ratio.net.scale() * ratio.net.scale();
  const auto sums = [&] {
    return all_sums(set, batch, loss, group, first_column, ratio, at);
  };
  HeadSums now = sums();
  for (int step = 0; step < newton_steps; ++step) {
    const auto right = stats::pseudo_inverse(now.squares, 1e-11).inverse;
    const auto direction = stats::multiply(left, stats::multiply(now.gradient, right));
    const double fall = stats::dot(now.gradient.data, direction.data) / factor;
    const Matrix before = ratio.head;
    for (double part = 1;; part /= 2) {
      if (part < least_part) {
        ratio.head = before;
        return;
      }
      ratio.head = before;
      stats::add(ratio.head, -part / factor, direction);
      HeadSums next = sums();
      if (!(next.loss <= now.loss - 1e-4 * part * fall)) continue;
      now = std::move(next);
      break;
    }
  }
}

}  // namespace femto::neural
