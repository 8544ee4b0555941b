#include "femto/neural/classifier.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/neural/adam.h"
#include "femto/neural/floats.h"
#include "femto/neural/loss.h"
#include "femto/neural/network.h"
#include "femto/neural/tiles.h"

namespace femto::neural {
namespace {

using Rows = std::vector<std::size_t>;

/// A permutation of [0, n) from a stream.
Rows shuffled(std::size_t n, random::Stream stream) {
  std::vector<std::pair<double, std::size_t>> keys(n);
  for (std::size_t i = 0; i < n; ++i) keys[i] = {random::uniform(stream, i), i};
  std::sort(keys.begin(), keys.end());
  Rows out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = keys[i].second;
  return out;
}

/// The disjoint parts of one sample.
struct Split {
  Rows train, validate, test;

  Split(std::size_t n, random::Stream stream) {
    const auto order = shuffled(n, stream);
    const std::size_t test_from = n / 2, validate_from = test_from - test_from / 5;
    const auto at = [&](std::size_t i) {
      return order.begin() + static_cast<std::ptrdiff_t>(i);
    };
    train.assign(order.begin(), at(validate_from));
    validate.assign(at(validate_from), at(test_from));
    test.assign(at(test_from), order.end());
  }
};

Tensor rows_of(const Matrix& m, const Rows& rows, std::size_t first, std::size_t count) {
  std::vector<float> values(count * m.rows);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < m.rows; ++c)
      values[i * m.rows + c] = static_cast<float>(m(c, rows[first + i]));
  return to_tensor(
      values, static_cast<std::int64_t>(count), static_cast<std::int64_t>(m.rows));
}

std::vector<double> scores(const Network& network, const Matrix& m, const Rows& rows) {
  std::vector<double> out(rows.size());
  const auto tiles = tiles_of(static_cast<std::int64_t>(rows.size()));
  sum_in_lanes(tiles.size(), [&](std::size_t i) -> Slope {
    const c10::AutoGradMode no_graph(false);
    const auto first = static_cast<std::size_t>(tiles[i].first);
    const auto x = rows_of(m, rows, first, static_cast<std::size_t>(tiles[i].rows));
    const auto y = network.forward(x).contiguous();
    std::copy_n(y.data_ptr<float>(), tiles[i].rows, out.begin() + tiles[i].first);
    return {};
  });
  return out;
}

/// Mean cross-entropy of outputs s with target 1 for `a` and 0 for `b`.
double mean_loss(const std::vector<double>& a, const std::vector<double>& b) {
  const auto softplus = [](double s) {
    return std::max(s, 0.0) + std::log1p(std::exp(-std::abs(s)));
  };
  double sum = 0;
  for (const double s : a) sum += softplus(-s);
  for (const double s : b) sum += softplus(s);
  return sum / static_cast<double>(a.size() + b.size());
}

/// One pass over the training part.
void train_epoch(const Network& network,
                 Adam& adam,
                 const Matrix& a,
                 const Matrix& b,
                 const Rows& rows_a,
                 const Rows& rows_b,
                 std::size_t batch) {
  for (std::size_t at = 0; at + batch <= rows_a.size(); at += batch) {
    auto sum = sum_in_lanes(2, [&](std::size_t side) -> Slope {
      const c10::AutoGradMode graph(true);
      const bool is_a = side == 0;
      const auto x = rows_of(is_a ? a : b, is_a ? rows_a : rows_b, at, batch);
      const auto target = at::full({x.size(0), 1}, is_a ? 1.0 : 0.0, at::kFloat);
      const auto loss = summed_loss(GameLoss::bce, network.forward(x), target);
      return {0, torch::autograd::grad({loss}, network.parameters())};
    });
    const c10::AutoGradMode no_graph(false);
    for (auto& g : sum.gradients) g.div_(2 * static_cast<double>(batch));
    adam.step(sum.gradients);
  }
}

Rows permuted(const Rows& rows, random::Stream stream) {
  Rows out;
  for (const auto i : shuffled(rows.size(), stream)) out.push_back(rows[i]);
  return out;
}

}  // namespace

Verdict tell_apart(const Matrix& a, const Matrix& b, const ClassifierSettings& s) {
  expect(a.rows == b.rows && a.cols == b.cols, "two samples of the same shape");
  if (a.cols < 100)
    throw DataError(fmt::format("{} events are too few to train a classifier", a.cols));
  const auto stream = [&](std::string_view purpose, std::uint64_t epoch = 0) {
    return random::Stream::named(s.seed, purpose, 0, epoch);
  };
  const Split split_a(a.cols, stream("classifier split a"));
  const Split split_b(b.cols, stream("classifier split b"));
  const NetworkSpec spec{
      static_cast<int>(a.rows), s.hidden, 1, s.activation, 0.2, true, 0};
  Network network(spec, stream("classifier weights"));
  Network best = Network(spec, stream("classifier weights"));
  Adam adam(network.parameters(), {.rate = s.learning_rate});
  const auto batch = std::min(static_cast<std::size_t>(s.batch), split_a.train.size());
  Verdict out;
  double best_loss = std::numeric_limits<double>::infinity();
  int best_epoch = 0;
  for (int epoch = 1; epoch <= s.epochs && epoch - best_epoch <= s.patience; ++epoch) {
    const auto step = static_cast<std::uint64_t>(epoch);
    train_epoch(network,
                adam,
                a,
                b,
                permuted(split_a.train, stream("classifier order a", step)),
                permuted(split_b.train, stream("classifier order b", step)),
                batch);
    const double loss = mean_loss(scores(network, a, split_a.validate),
                                  scores(network, b, split_b.validate));
    out.epochs = epoch;
    if (loss >= best_loss) continue;
    best_loss = loss;
    best_epoch = epoch;
    best.assign(network);
  }
  const auto test_a = scores(best, a, split_a.test),
             test_b = scores(best, b, split_b.test);
  out.auc = bootstrap_auc(test_a, test_b, s.seed);
  out.test_events = split_a.test.size();
  const auto right_a = std::ranges::count_if(test_a, [](double v) { return v > 0; });
  const auto right_b = std::ranges::count_if(test_b, [](double v) { return v <= 0; });
  out.accuracy = static_cast<double>(right_a + right_b) /
                 static_cast<double>(test_a.size() + test_b.size());
  return out;
}

}  // namespace femto::neural
