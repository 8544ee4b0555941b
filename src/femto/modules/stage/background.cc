// Background: a fraction of a channel's events that the theory does not make.
#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/io/events.h"
#include "femto/physics/migration.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

struct Settings {
  std::string column;
  Calibration fraction{0.1, 0, {}, {}};
  double slope = 0;
  config::Path events;
  std::string dataset, events_column, weight;
  int bins = 20;
  std::optional<double> min, max;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::column>({.doc = "column of the channel that it enters",
                                  .rule = config::not_empty,
                                  .required = true}),
        field<&Settings::fraction>({.doc = "share of background among the events at this "
                                           "place of the chain"}),
        field<&Settings::slope>(
            {.doc = "s of its density, proportional to exp(-s x); 0: flat"}),
        field<&Settings::events>(
            {.doc =
                 "event file (.npy, .npz, .h5, .csv) whose histogram is its density, in "
                 "place of slope"}),
        field<&Settings::dataset>(
            {.doc = "array (npz), dataset or group (HDF5); empty: the only one"}),
        field<&Settings::events_column>(
            {.doc = "column of that file; empty: the one of the channel's name"}),
        field<&Settings::weight>(
            {.doc = "column of weights there, which may be negative; empty: all are 1"}),
        field<&Settings::bins>(
            {.doc = "equal bins of the histogram", .rule = config::between(1, 10'000)}),
        field<&Settings::min>({.doc = "lower end of its support; none: the column's"}),
        field<&Settings::max>({.doc = "upper end of its support; none: the column's"}),
    };
  }

  void check(config::Issues& issues) const {
    if (!events.empty() && slope != 0)
      issues.add("slope", "does not go with events: their histogram is the density");
  }
};

/// A density over [lo, hi], constant inside each of its bins.
class BinnedShape {
 public:
  /// height: [bin] sums of weights, none of them negative; squares: of their squares.
  BinnedShape(double lo,
              double hi,
              std::vector<double> height,
              std::vector<double> squares)
      : lo_(lo), height_(std::move(height)), squares_(std::move(squares)) {
    width_ = (hi - lo) / static_cast<double>(height_.size());
    for (const double h : height_) sum_.push_back(sum_.back() + h);
    for (double& s : sum_) s /= sum_.back();
    sum_.back() = 1;
  }

  /// As many events, drawn anew from these: Poisson counts of as many events of one
  /// weight as have the sums of each bin. Itself if none would be left.
  BinnedShape resampled(const random::Stream& stream) const {
    auto height = height_;
    for (std::size_t k = 0; k < height.size(); ++k) {
      if (!(height[k] > 0)) continue;
      const double weight = squares_[k] / height[k];
      height[k] = weight * static_cast<double>(random::poisson(random::uniform(stream, k),
                                                               height[k] / weight));
    }
    if (std::ranges::all_of(height, [](double h) { return h == 0; })) return *this;
    return {lo_, edge(height.size()), std::move(height), squares_};
  }

  double density(double x) const {
    const auto bins = sum_.size() - 1;
    const auto k = std::min(static_cast<std::size_t>((x - lo_) / width_), bins - 1);
    return (sum_[k + 1] - sum_[k]) / width_;
  }

  double quantile(double u) const {
    const auto above = std::upper_bound(sum_.begin() + 1, sum_.end() - 1, u);
    const auto k = static_cast<std::size_t>(above - sum_.begin()) - 1;
    return edge(k) + width_ * (u - sum_[k]) / (sum_[k + 1] - sum_[k]);
  }

  std::vector<double> edges() const {
    return equal_edges(lo_, edge(sum_.size() - 1), sum_.size() - 1);
  }

 private:
  double edge(std::size_t k) const { return lo_ + width_ * static_cast<double>(k); }

  double lo_, width_ = 1;
  std::vector<double> height_, squares_;  // [bin]
  std::vector<double> sum_{0};            // running, up to each edge
};

/// The histogram of a file over [lo, hi].
BinnedShape shape_from(const Settings& s, double lo, double hi) {
  io::ReadOptions options;
  options.dataset = s.dataset;
  options.weight = s.weight;
  options.columns = {s.events_column.empty() ? s.column : s.events_column};
  std::vector<double> height(static_cast<std::size_t>(s.bins)), squares(height);
  const auto edges = equal_edges(lo, hi, height.size());
  const auto reader = io::open_events(s.events.file, options);
  std::uint64_t seen = 0, inside = 0;
  io::EventTable chunk;
  while (reader->next(chunk)) {
    const auto x = chunk.column(0);
    for (std::size_t i = 0; i < x.size(); ++i, ++seen) {
      const auto bin = bin_in(edges, x[i]);
      if (bin < 0) continue;
      const double w = chunk.weighted() ? chunk.weights()[i] : 1;
      height[static_cast<std::size_t>(bin)] += w;
      squares[static_cast<std::size_t>(bin)] += w * w;
      ++inside;
    }
  }
  const auto file = s.events.file.string();
  if (inside == 0)
    throw Error(fmt::format("none of the {} background events in {} has {} in [{}, {}]",
                            seen,
                            file,
                            options.columns[0],
                            lo,
                            hi),
                "check the column and its unit, or set min and max");
  const auto negative = std::ranges::find_if(height, [](double h) { return h < 0; });
  if (negative != height.end())
    throw Error(fmt::format("bin {} of the background in {} has the negative total "
                            "weight {}",
                            negative - height.begin() + 1,
                            file,
                            *negative),
                "choose fewer bins: a density cannot be negative");
  if (std::ranges::all_of(height, [](double h) { return h == 0; }))
    throw Error(fmt::format("the weights of the background in {} are all zero", file),
                "check its weight column");
  return {lo, hi, std::move(height), std::move(squares)};
}

class BackgroundStep final : public Step {
 public:
  BackgroundStep(const std::vector<Channel>& before, const Settings& s)
      : place_(place_of(before, s.column)), column_(s.column), slope_(s.slope) {
    channels_ = before;
    const auto& axis = before[place_.channel].axes[place_.axis];
    lo_ = s.min.value_or(axis.lo);
    hi_ = s.max.value_or(axis.hi);
    if (!(axis.lo <= lo_ && lo_ < hi_ && hi_ <= axis.hi))
      throw Error(
          fmt::format("background in {} over [{}, {}] does not lie in the "
                      "column's range [{}, {}]",
                      s.column,
                      lo_,
                      hi_,
                      axis.lo,
                      axis.hi));
    if (!s.events.empty()) binned_ = shape_from(s, lo_, hi_);
    calibrations_.add("background_" + s.column, s.fraction, 0, 1, "share of background");
  }

  const std::vector<Nuisance>& nuisances() const override {
    return calibrations_.nuisances();
  }

  std::unique_ptr<Step> resampled(const random::Stream& stream) const override {
    if (!binned_) return {};
    auto other = std::make_unique<BackgroundStep>(*this);
    other->binned_ = binned_->resampled(stream);
    return other;
  }

  void apply(const Draw& which,
             std::span<const double> nu,
             std::size_t n,
             double* const* record,
             double*) const override {
    const double fraction = calibrations_.values(nu)[0];
    for (std::size_t i = 0; i < n; ++i) {
      const auto u = random::uniform_pair(which.stream, which.first + i);
      if (u[0] < fraction) record[place_.column][i] = quantile(u[1]);
    }
  }

  /// What background replaced has no influence any more.
  void backward(const Draw& which,
                std::span<const double> nu,
                std::size_t n,
                const double* const*,
                double* const* upstream) const override {
    const double fraction = calibrations_.values(nu)[0];
    for (std::size_t i = 0; i < n; ++i)
      if (random::uniform_pair(which.stream, which.first + i)[0] < fraction)
        upstream[place_.column][i] = 0;
  }

  double panel(const std::string& column, double x) const override {
    return column == column_ && slope_ != 0 ? 4 / std::fabs(slope_)
                                            : Step::panel(column, x);
  }

  std::vector<double> breaks(const std::string& column) const override {
    if (column != column_) return {};
    return binned_ ? binned_->edges() : std::vector<double>{lo_, hi_};
  }

  /// in + b / (1 - b) * bkg(y) * int in dy: a share b of what comes out is background.
  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    const double b = calibrations_.values(folding.nu)[0];
    auto& channel = in[place_.channel];
    const std::size_t axis = place_.axis, rows = channel.rows();
    const auto& x = channel.axes[axis].x;
    Matrix shape(rows, x.size());  // b / (1 - b) * bkg and its derivative by b
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double density = this->density(x[j]);
      shape(0, j) = b / (1 - b) * density;
      if (!folding.nu.empty())
        shape(folding.first_row, j) = density / ((1 - b) * (1 - b));
    }
    Matrix total = integrated(channel, axis);
    if (channel.axes.size() == 2) {
      auto& product = channel.products.emplace_back();
      product[axis] = std::move(shape);
      product[1 - axis] = std::move(total);
      return in;
    }
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < x.size(); ++j)
        channel.values(r, j) +=
            shape(0, j) * total(r, 0) + (r > 0 ? shape(r, j) * total(0, 0) : 0);
    return in;
  }

 private:
  double density(double x) const {
    if (x < lo_ || x > hi_) return 0;
    if (binned_) return binned_->density(x);
    if (slope_ == 0) return 1 / (hi_ - lo_);
    return slope_ * std::exp(-slope_ * (x - lo_)) / -std::expm1(-slope_ * (hi_ - lo_));
  }

  double quantile(double u) const {
    if (binned_) return binned_->quantile(u);
    if (slope_ == 0) return lo_ + (hi_ - lo_) * u;
    return lo_ - std::log1p(u * std::expm1(-slope_ * (hi_ - lo_))) / slope_;
  }

  ColumnPlace place_;
  std::string column_;
  double slope_, lo_ = 0, hi_ = 1;
  std::optional<BinnedShape> binned_;
  Calibrations calibrations_;
};

class Background final : public Stage {
 public:
  using Config = Settings;

  explicit Background(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<BackgroundStep>(before, settings_);
  }

 private:
  Settings settings_;
};

}  // namespace

void register_stage_background(Registry& r) {
  r.add<Stage, Background>({
      .name = "background",
      .summary =
          "A share of a channel's events comes from elsewhere: flat, exponential, or as in a "
          "file.",
      .source = "this project",
  });
}

}  // namespace femto
