// Background: a fraction of a channel's events that the theory does not make.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

struct Settings {
  std::string column;
  Calibration fraction{0.1, 0, {}, {}};
  double slope = 0;
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
        field<&Settings::min>({.doc = "lower end of its support; none: the column's"}),
        field<&Settings::max>({.doc = "upper end of its support; none: the column's"}),
    };
  }
};

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
    calibrations_.add("background_" + s.column, s.fraction, 0, 1, "share of background");
  }

  const std::vector<Nuisance>& nuisances() const override {
    return calibrations_.nuisances();
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
    return column == column_ ? std::vector<double>{lo_, hi_} : std::vector<double>{};
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
    if (slope_ == 0) return 1 / (hi_ - lo_);
    return slope_ * std::exp(-slope_ * (x - lo_)) / -std::expm1(-slope_ * (hi_ - lo_));
  }

  double quantile(double u) const {
    if (slope_ == 0) return lo_ + (hi_ - lo_) * u;
    return lo_ - std::log1p(u * std::expm1(-slope_ * (hi_ - lo_))) / slope_;
  }

  ColumnPlace place_;
  std::string column_;
  double slope_, lo_ = 0, hi_ = 1;
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
          "A share of a channel's events comes from elsewhere, flat or exponential.",
      .source = "this project",
  });
}

}  // namespace femto
