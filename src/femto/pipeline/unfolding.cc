// The iteration: data over simulation at measured level, its mean at the true level.
#include "femto/pipeline/unfolding.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/pipeline/movable_response.h"
#include "femto/pipeline/unfolding_bins.h"

namespace femto {
namespace {

/// Values of the chosen events: [column][choice].
std::vector<std::vector<double>> chosen(const std::vector<std::vector<double>>& columns,
                                        const std::vector<std::size_t>& events) {
  std::vector<std::vector<double>> out;
  for (const auto& column : columns) {
    auto& values = out.emplace_back();
    values.reserve(events.size());
    for (const auto i : events) values.push_back(column[i]);
  }
  return out;
}

std::vector<double> chosen(std::span<const double> values,
                           const std::vector<std::size_t>& events) {
  std::vector<double> out;
  out.reserve(events.size());
  for (const auto i : events) out.push_back(values[i]);
  return out;
}

/// Events of which both flags are as asked; a weight of 0 counts as absent (a bootstrap
/// sample without the event).
std::vector<std::size_t> events_with(const PairedEvents& e,
                                     bool generated,
                                     bool detected) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < e.size(); ++i)
    if ((!generated || e.generated[i]) && (!detected || e.detected[i]) &&
        e.weight[i] != 0)
      out.push_back(i);
  return out;
}

class Iteration {
 public:
  Iteration(const PairedEvents& simulation,
            const PairedEvents& data,
            const UnfoldingOptions& options)
      : options_(options),
        seen_(events_with(data, false, true)),
        detected_(events_with(simulation, false, true)),
        generated_(events_with(simulation, true, false)),
        data_(chosen(data.measured, seen_)),
        data_weight_(chosen(data.weight, seen_)),
        measured_(chosen(simulation.measured, detected_)),
        truth_(chosen(simulation.truth, generated_)),
        base_(simulation.weight),
        push_(simulation.size(), 1.0),
        response_(simulation, matched_of(simulation), options.nuisance) {
    for (std::size_t k = 0; k < detected_.size(); ++k)
      if (simulation.generated[detected_[k]]) matched_.push_back(k);
    matched_truth_ = chosen(simulation.truth, events_of(matched_));
    const double data_sum = pairwise_sum(data_weight_);
    const double simulated = pairwise_sum(chosen(base_, detected_));
    if (!(data_sum > 0) || !(simulated > 0))
      throw DataError(
          fmt::format("the weights of the {} sum to {:.6g} (there is nothing to unfold)",
                      data_sum > 0 ? "detected simulated events" : "data",
                      data_sum > 0 ? simulated : data_sum),
          "look at the weight columns and at what survives the selection");
    const double exposure = options.exposure.value_or(data_sum / simulated);
    for (auto& w : base_) w *= exposure;
    response_.move(measured_, matched_);
  }

  Unfolding run() {
    Unfolding out;
    auto bins = truth_histograms();
    for (int k = 1; k <= options_.iterations && !out.stopped; ++k) {
      Iterate now;
      now.number = k;
      if (options_.replica == 0) test_fit(now.chi2, now.ndf);
      step(static_cast<std::uint64_t>(k));
      auto next = truth_histograms();
      now.change = change_between(bins, next);
      bins = std::move(next);
      describe(now);
      out.stopped = now.change < options_.stop_below;
      out.iterates.push_back(now);
      if (options_.watch) options_.watch(now);
    }
    if (options_.replica == 0) test_fit(out.chi2, out.ndf);
    out.bins = std::move(bins);
    const auto expected = detected_weights();
    for (std::size_t c = 0; c < measured_.size(); ++c)
      out.folded.push_back(
          histogram(options_.measured_bins.at(c), measured_[c], expected));
    out.weight.assign(base_.size(), 0.0);
    for (const auto i : generated_) out.weight[i] = base_[i] * push_[i];
    out.nuisance = response_.value();
    return out;
  }

 private:
  static std::vector<std::size_t> matched_of(const PairedEvents& simulation) {
    return events_with(simulation, true, true);
  }

  std::vector<std::size_t> events_of(const std::vector<std::size_t>& places) const {
    std::vector<std::size_t> out;
    out.reserve(places.size());
    for (const auto k : places) out.push_back(detected_[k]);
    return out;
  }

  random::Stream stream(std::uint64_t number) const {
    return random::Stream::named(
        options_.seed, "unfolding ratio", options_.replica, number);
  }

  /// Weights of detected events as unfolded so far; fakes keep theirs.
  std::vector<double> detected_weights() const {
    std::vector<double> out;
    out.reserve(detected_.size());
    for (const auto i : detected_) out.push_back(base_[i] * push_[i]);
    return out;
  }

  std::vector<double> generated_weights() const {
    std::vector<double> out;
    out.reserve(generated_.size());
    for (const auto i : generated_) out.push_back(base_[i] * push_[i]);
    return out;
  }

  std::vector<std::vector<double>> truth_histograms() const {
    const auto w = generated_weights();
    std::vector<std::vector<double>> out;
    out.reserve(truth_.size());
    for (std::size_t c = 0; c < truth_.size(); ++c)
      out.push_back(histogram(options_.truth_bins.at(c), truth_[c], w));
    return out;
  }

  void step(std::uint64_t number) {
    const auto weights = detected_weights();
    std::vector<double> omega(detected_.size());
    const auto first = options_.measured_ratio->learn(
        {views(data_), data_weight_}, {views(measured_), weights}, stream(2 * number));
    first(views(measured_), omega);
    require_finite(omega, "measured");
    std::vector<double> pulled, generator;
    for (const auto k : matched_) {
      pulled.push_back(weights[k] * omega[k]);
      generator.push_back(base_[detected_[k]]);
    }
    const auto columns = views(matched_truth_);
    const auto second = options_.truth_ratio->learn(
        {columns, pulled}, {columns, generator}, stream(2 * number + 1));
    std::vector<double> push(generated_.size());
    second(views(truth_), push);
    require_finite(push, "true");
    for (std::size_t k = 0; k < generated_.size(); ++k) push_[generated_[k]] = push[k];
    if (response_.fit(measured_, matched_, pulled)) response_.move(measured_, matched_);
  }

  static void require_finite(std::span<const double> ratio, const char* level) {
    for (std::size_t i = 0; i < ratio.size(); ++i)
      if (!std::isfinite(ratio[i]))
        throw NumericalError(
            fmt::format("the ratio learnt at the {} level is not finite (event {} of {})",
                        level,
                        i,
                        ratio.size()),
            "the simulation may lack events where the data have some: simulate a wider "
            "truth, or use another `ratio`");
  }

  void test_fit(double& chi2, double& ndf) const {
    const auto grid = coarse_grid(options_.measured_bins);
    const auto tested =
        compare(grid, views(data_), data_weight_, views(measured_), detected_weights());
    chi2 = tested.chi2;
    ndf = tested.ndf;
  }

  void describe(Iterate& now) const {
    const auto w = generated_weights();
    const double sum = pairwise_sum(w);
    if (!(sum > 0))
      throw DataError(
          fmt::format(
              "the unfolded weights sum to {:.6g} after iteration {}", sum, now.number),
          "negative weights outweigh the others: see the weights of the simulation");
    double squares = 0, largest = 0;
    for (const double v : w) {
      squares += v * v;
      largest = std::max(largest, std::fabs(v));
    }
    now.total = sum;
    now.ess = sum * sum / squares;
    now.largest = largest * static_cast<double>(w.size()) / sum;
    for (const auto& column : truth_) {
      const auto m = moments(column, w);
      now.mean.push_back(m.mean);
      now.sd.push_back(m.sd);
    }
    now.nuisance = response_.value();
  }

  const UnfoldingOptions& options_;
  std::vector<std::size_t> seen_, detected_, generated_;  // events
  std::vector<std::size_t> matched_;                      // places in detected_
  std::vector<std::vector<double>> data_;                 // [column][seen]
  std::vector<double> data_weight_;
  std::vector<std::vector<double>> measured_, truth_, matched_truth_;
  std::vector<double> base_, push_;  // [event]
  MovableResponse response_;
};

}  // namespace

Unfolding unfold(const PairedEvents& simulation,
                 const PairedEvents& data,
                 const UnfoldingOptions& options) {
  expect(options.measured_ratio && options.truth_ratio,
         "an unfolding needs two ratio estimators");
  return Iteration(simulation, data, options).run();
}

}  // namespace femto
