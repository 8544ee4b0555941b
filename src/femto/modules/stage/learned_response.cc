// Response of one column learnt from pairs of true and measured values by networks.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/log.h"
#include "femto/mlp/response_net.h"
#include "femto/mlp/trainer.h"
#include "femto/modules/stage/response_frame.h"
#include "femto/physics/migration.h"
#include "femto/physics/mixture_response.h"
#include "femto/pipeline/response_check.h"
#include "femto/pipeline/response_errors.h"
#include "femto/pipeline/response_pairs.h"
#include "femto/pipeline/response_step.h"
#include "femto/stats/truncated_mixture.h"

namespace femto {

constexpr std::array<std::pair<std::string_view, ResponseSpace>, 2> names(ResponseSpace) {
  return {{{"linear", ResponseSpace::linear}, {"log", ResponseSpace::log}}};
}

namespace {

using config::field;

constexpr std::size_t fewest_pairs = 1000;
/// Bins of the response that the learnt one is compared with; all true ones hold pairs.
constexpr std::size_t true_bins = 30, measured_bins = 60;
constexpr std::size_t knot_count = 257;
/// Widest panel, in widths of the narrowest density, on which ten nodes interpolate.
constexpr double panel_widths = 1.5;

struct Settings {
  std::string column;
  config::Path pairs;
  std::string dataset, truth, measured, detected;
  ResponseSpace space = ResponseSpace::linear;
  std::vector<double> measured_range;
  int components = 3;
  std::vector<int> hidden = {32, 32};
  int epochs = 30, batch = 1024;
  double rate = 5e-3;
  std::uint64_t seed = 1, bootstrap = 0;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::column>({.doc = "column that is measured",
                                  .rule = config::not_empty,
                                  .required = true}),
        field<&Settings::pairs>(
            {.doc = "event file (.npy, .npz, .h5, .csv) of true and measured values",
             .required = true}),
        field<&Settings::dataset>(
            {.doc = "array (npz), dataset or group (HDF5); empty: the only one"}),
        field<&Settings::truth>({.doc =
                                     "column of true values there; empty: the column's "
                                     "name followed by _true"}),
        field<&Settings::measured>(
            {.doc = "column of measured values there; empty: the column's name"}),
        field<&Settings::detected>({.doc = "column that is 0 for events that were lost; "
                                           "empty: all were detected"}),
        field<&Settings::space>(
            {.doc = "what the mixture of normal densities is one of: the measured value "
                    "(linear) or its logarithm, for values above zero with wide relative "
                    "errors"}),
        field<&Settings::measured_range>(
            {.doc = "lowest and highest measured value; what is measured beyond is lost. "
                    "Empty: all that the pairs hold"}),
        field<&Settings::components>(
            {.doc = "normal densities of the mixture", .rule = config::between(1, 5)}),
        field<&Settings::hidden>({.doc = "units of each hidden layer, 16 to 512",
                                  .rule = config::between(16, 512)}),
        field<&Settings::epochs>({.doc =
                                      "passes over the pairs; the one that does best on "
                                      "pairs not learnt from counts",
                                  .rule = config::positive}),
        field<&Settings::batch>({.doc = "pairs per step", .rule = config::positive}),
        field<&Settings::rate>(
            {.doc = "first learning rate; falls to zero along a cosine",
             .rule = config::positive}),
        field<&Settings::seed>(
            {.doc = "key of the order of pairs and of the first weights"}),
        field<&Settings::bootstrap>(
            {.doc = "k: learn from the k-th bootstrap sample of the pairs; how much fits "
                    "differ between samples is the error that the pairs leave. 0: the "
                    "pairs as they are"}),
    };
  }

  void check(config::Issues& issues) const {
    if (hidden.empty() || hidden.size() > 6)
      issues.add("hidden", "there must be 1 to 6 hidden layers");
    if (!measured_range.empty() &&
        (measured_range.size() != 2 || !(measured_range[0] < measured_range[1])))
      issues.add("measured_range", "holds two ascending numbers");
    if (space == ResponseSpace::log && !measured_range.empty() &&
        !(measured_range[0] > 0))
      issues.add("measured_range", "starts above zero where space is log");
  }
};

/// Pairs in random order: learnt from, then those that choose the epoch, then held out.
struct Material {
  std::vector<double> x, y;              // y: NaN where lost
  double lo = 0, hi = 1;                 // measured range
  std::size_t learnt = 0, held_out = 0;  // first of the rows held out

  bool kept(std::size_t i) const { return std::isfinite(y[i]); }
};

void find_range(const Settings& s, Material& m) {
  if (!s.measured_range.empty()) {
    m.lo = s.measured_range[0];
    m.hi = s.measured_range[1];
    for (double& y : m.y)
      if (!(y >= m.lo && y <= m.hi)) y = std::nan("");
    return;
  }
  m.lo = std::numeric_limits<double>::infinity();
  m.hi = -m.lo;
  for (const double y : m.y)
    if (std::isfinite(y)) m.lo = std::min(m.lo, y), m.hi = std::max(m.hi, y);
  if (!(m.lo < m.hi))
    throw Error(fmt::format("{} holds no two different measured values of {}",
                            s.pairs.file.string(),
                            s.column),
                "check its columns");
  if (s.space == ResponseSpace::log && !(m.lo > 0))
    throw Error(fmt::format("{} holds measured {} of {:.4g}, which has no logarithm",
                            s.pairs.file.string(),
                            s.column,
                            m.lo),
                "use space: linear, or measured_range above zero");
}

/// `bins` bins that are equal in the coordinate.
std::vector<double> bins_of(ResponseSpace space, double lo, double hi, std::size_t bins) {
  auto out = equal_edges(coordinate_of(space, lo), coordinate_of(space, hi), bins);
  if (space == ResponseSpace::log)
    for (double& x : out) x = std::exp(x);
  out.front() = lo;
  out.back() = hi;
  return out;
}

/// As many of the pairs learnt from, with replacement.
void resample(const random::Stream& stream, Material& m) {
  const auto x = m.x, y = m.y;
  for (std::size_t i = 0; i < m.learnt; ++i) {
    const auto from = static_cast<std::size_t>(random::uniform(stream, i) *
                                               static_cast<double>(m.learnt));
    m.x[i] = x[from];
    m.y[i] = y[from];
  }
}

Material material_of(const Settings& s, const Axis& axis) {
  if (s.space == ResponseSpace::log && !(axis.lo > 0))
    throw Error(
        fmt::format("true {} begin at {}, which has no logarithm", s.column, axis.lo),
        "use space: linear");
  const auto all =
      read_pairs({s.pairs, s.dataset, s.truth, s.measured, s.detected}, s.column);
  const auto order =
      mlp::shuffled(all.truth.size(), random::Stream::named(s.seed, "response pairs"));
  Material m;
  for (const auto i : order)
    if (all.truth[i] >= axis.lo && all.truth[i] <= axis.hi) {
      m.x.push_back(all.truth[i]);
      m.y.push_back(all.measured[i]);
    }
  find_range(s, m);
  const auto kept = static_cast<std::size_t>(
      std::ranges::count_if(m.y, [](double y) { return std::isfinite(y); }));
  if (kept < fewest_pairs)
    throw Error(
        fmt::format("{} holds {} measured pairs with true {} in [{:.4g}, {:.4g}], "
                    "and a response is learnt from at least {}",
                    s.pairs.file.string(),
                    kept,
                    s.column,
                    axis.lo,
                    axis.hi,
                    fewest_pairs),
        "simulate more of them, or use stage: response");
  m.held_out = m.x.size() - m.x.size() / 10;
  m.learnt = m.held_out - m.x.size() / 10;
  if (s.bootstrap > 0)
    resample(random::Stream::named(s.seed, "response bootstrap", s.bootstrap), m);
  return m;
}

struct Learnt {
  ResponseKnots knots;
  int epoch = 0;
};

ResponseFrame frame_of(const Settings& s, const Axis& axis, const Material& m) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < m.learnt; ++i)
    if (m.kept(i)) {
      x.push_back(m.x[i]);
      y.push_back(m.y[i]);
    }
  return {s.space, axis.lo, axis.hi, x, y};
}

mlp::TrainedNet density_net(const Settings& s,
                            const Material& m,
                            const ResponseFrame& frame,
                            const mlp::NetTraining& training) {
  mlp::DensityRows rows{frame.inputs(), {}, {}};
  for (std::size_t i = 0; i < m.held_out; ++i) {
    if (i == m.learnt) rows.learnt = rows.values.size();
    if (!m.kept(i)) continue;
    frame.show(m.x[i], rows.x);
    rows.values.push_back(
        {frame.unit(m.x[i], m.y[i]), frame.unit(m.x[i], m.lo), frame.unit(m.x[i], m.hi)});
  }
  return mlp::learn_density(rows, s.components, training);
}

mlp::TrainedNet detection_net(const Material& m,
                              const ResponseFrame& frame,
                              const mlp::NetTraining& training) {
  mlp::ProbabilityRows rows{frame.inputs(), {}, {}, m.learnt};
  for (std::size_t i = 0; i < m.held_out; ++i) {
    frame.show(m.x[i], rows.x);
    rows.hit.push_back(m.kept(i) ? 1 : 0);
  }
  return mlp::learn_probability(rows, training);
}

Learnt learnt_from(const Settings& s, const Axis& axis, const Material& m) {
  const auto frame = frame_of(s, axis, m);
  const mlp::NetTraining training{s.hidden, s.epochs, s.batch, s.rate, s.seed};
  const auto at = bins_of(s.space, axis.lo, axis.hi, knot_count - 1);
  std::vector<float> seen;
  for (const double x : at) frame.show(x, seen);
  const auto net = density_net(s, m, frame, training);
  const auto raw = mlp::outputs_of(net, seen);
  const auto n = static_cast<std::size_t>(s.components);
  Learnt out{{s.space, axis.lo, axis.hi, m.lo, m.hi, {}, {}, {}, {}}, net.epoch};
  auto& knots = out.knots;
  knots.logit = knots.mean = knots.log_sd = Matrix(n, knot_count);
  for (std::size_t k = 0; k < knot_count; ++k) {
    const auto law = stats::mixture_of(std::span(raw).subspan(k * 3 * n, 3 * n), -1, 1);
    const double log_width = frame.log_width(at[k]);
    const double middle = coordinate_of(s.space, at[k]) + frame.shift(at[k]);
    for (std::size_t i = 0; i < n; ++i) {
      knots.logit(i, k) = law.logit[i];
      knots.mean(i, k) = middle + std::exp(log_width) * law.mean[i];
      knots.log_sd(i, k) = log_width + law.log_sd[i];
    }
  }
  const bool lost = std::ranges::any_of(m.y, [](double y) { return !std::isfinite(y); });
  if (lost)
    for (const float v : mlp::outputs_of(detection_net(m, frame, training), seen))
      knots.detection.push_back(static_cast<double>(v));
  return out;
}

/// What was learnt, with what held-out pairs say of it.
struct Surrogate {
  std::shared_ptr<const MixtureResponse> response;
  std::shared_ptr<const ResponseErrors> errors;
  std::vector<std::string> notes;
};

/// Rows [first, end) as pairs.
ResponsePairs rows_of(const Material& m, std::size_t first, std::size_t end) {
  const auto cut = [&](const std::vector<double>& v) {
    return std::vector<double>(v.begin() + static_cast<std::ptrdiff_t>(first),
                               v.begin() + static_cast<std::ptrdiff_t>(end));
  };
  return {cut(m.x), cut(m.y)};
}

Surrogate surrogate_of(const Settings& s, const Axis& axis) {
  const auto m = material_of(s, axis);
  const auto binned =
      counted(rows_of(m, 0, m.learnt),
              bins_of(s.space, axis.lo, axis.hi, true_bins),
              bins_of(s.space, m.lo, m.hi, measured_bins),
              {s.pairs.file.string(),
               s.column,
               "simulate there too: nothing is known of what happens to them"})
          .migration();
  log::info("learning the response of {} from {} pairs", s.column, m.learnt);
  const auto learnt = learnt_from(s, axis, m);
  auto response = std::make_shared<MixtureResponse>(learnt.knots);
  std::vector<std::string> notes{
      fmt::format("Response of {} learnt from {} pairs, best after epoch {} of {}.",
                  s.column,
                  m.learnt,
                  learnt.epoch,
                  s.epochs)};
  const auto check =
      check_response(*response, binned, rows_of(m, m.held_out, m.x.size()));
  for (auto& sentence : words(check, s.column)) notes.push_back(std::move(sentence));
  return {std::move(response),
          std::make_shared<ResponseErrors>(learnt.knots, rows_of(m, 0, m.learnt)),
          std::move(notes)};
}

std::unique_ptr<Step> step_of(const std::vector<Channel>& before,
                              const std::string& column,
                              const Surrogate& learnt) {
  const auto& response = learnt.response;
  ResponseWords words;
  words.panel = [response](double x) { return panel_widths * response->narrowest(x); };
  words.notes = learnt.notes;
  words.resampled =
      [before, column, errors = learnt.errors](const random::Stream& stream) {
        return step_of(
            before,
            column,
            {std::make_shared<MixtureResponse>(errors->drawn(stream)), errors, {}});
      };
  return std::make_unique<ResponseStep<MixtureResponse>>(
      before, column, *response, response->lo(), response->hi(), std::move(words));
}

class LearnedResponse final : public Stage {
 public:
  using Config = Settings;

  explicit LearnedResponse(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    const auto place = place_of(before, settings_.column);
    const auto& axis = before[place.channel].axes[place.axis];
    const auto learnt = recent_.get(std::array{axis.lo, axis.hi},
                                    [&] { return surrogate_of(settings_, axis); });
    return step_of(before, settings_.column, *learnt);
  }

 private:
  Settings settings_;
  mutable Recent<Surrogate> recent_;  // a detector is bound to its theory more than once
};

}  // namespace

void register_stage_learned_response(Registry& r) {
  r.add<Stage, LearnedResponse>({
      .name = "learned_response",
      .summary = "Response of one column that networks learn from pairs of true and "
                 "measured values: a mixture of normal densities and a probability of "
                 "detection.",
      .source = "Bishop:1994 (mixture density networks); this project",
  });
}

}  // namespace femto
