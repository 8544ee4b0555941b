// A cut on one measured column: only what is inside is kept.
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

class WindowStep final : public Step {
 public:
  WindowStep(const std::vector<Channel>& before,
             const std::string& column,
             std::optional<double> min,
             std::optional<double> max)
      : place_(place_of(before, column)), column_(column) {
    channels_ = before;
    auto& axis = channels_[place_.channel].axes[place_.axis];
    const double lo = std::max(min.value_or(axis.lo), axis.lo);
    const double hi = std::min(max.value_or(axis.hi), axis.hi);
    if (!(lo < hi))
      throw Error(
          fmt::format("nothing survives: {} is cut to [{}, {}], events have {} in "
                      "[{}, {}]",
                      column,
                      min.value_or(axis.lo),
                      max.value_or(axis.hi),
                      column,
                      axis.lo,
                      axis.hi),
          "check this cut against those before it");
    axis.lo = lo;
    axis.hi = hi;
    axis.grading = Grading::uniform;
  }

  const std::vector<Nuisance>& nuisances() const override { return none_; }

  bool loses() const override { return true; }

  bool only_loses() const override { return true; }

  void apply(const Draw&,
             std::span<const double>,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    const auto& own = axis();
    if (!survival) return;
    for (std::size_t i = 0; i < n; ++i) {
      const double x = record[place_.column][i];
      if (!(x >= own.lo && x <= own.hi)) survival[i] = 0;
    }
  }

  void backward(const Draw&,
                std::span<const double>,
                std::size_t,
                const double* const*,
                double* const*) const override {}

  std::vector<double> breaks(const std::string& column) const override {
    if (column != column_) return {};
    return {axis().lo, axis().hi};
  }

  std::vector<Intensity> fold(std::vector<Intensity> in, const Folding&) const override {
    auto& channel = in[place_.channel];
    channel = cut(channel, place_.axis, axis().lo, axis().hi);
    return in;
  }

 private:
  const Axis& axis() const { return channels_[place_.channel].axes[place_.axis]; }

  ColumnPlace place_;
  std::string column_;
  std::vector<Nuisance> none_;
};

class Window final : public Stage {
 public:
  struct Config {
    std::string column;
    std::optional<double> min, max;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::column>(
              {.doc = "column that is cut", .rule = config::not_empty, .required = true}),
          field<&Config::min>({.doc = "smallest value kept; none: no cut below"}),
          field<&Config::max>({.doc = "largest value kept; none: no cut above"}),
      };
    }

    void check(config::Issues& issues) const {
      if (min && max && !(*min < *max))
        issues.add("max", fmt::format("{} is not above min {}", *max, *min));
    }
  };

  explicit Window(Config config) : config_(std::move(config)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<WindowStep>(before, config_.column, config_.min, config_.max);
  }

 private:
  Config config_;
};

}  // namespace

void register_stage_window(Registry& r) {
  r.add<Stage, Window>({
      .name = "window",
      .summary = "A cut: events outside an interval of one column are lost.",
      .source = "this project",
  });
}

}  // namespace femto
