// Names, boxes and places that all stages share.
#include "femto/pipeline/stage.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"

namespace femto {

Nuisance nuisance_of(const std::string& name,
                     const Calibration& calibration,
                     double least,
                     double most,
                     const std::string& about) {
  const bool free = std::isinf(calibration.sd);
  const double inside = std::isfinite(most) ? 1e-6 * (most - std::max(least, -1.0)) : 0;
  const double lo = calibration.min.value_or(
      free ? least : std::max(least + inside, calibration.value - 5 * calibration.sd));
  const double hi = calibration.max.value_or(
      free ? most : std::min(most - inside, calibration.value + 5 * calibration.sd));
  if (!std::isfinite(lo) || !std::isfinite(hi))
    throw Error(fmt::format("{} is free, but nothing bounds it", name),
                "give it min and max, or a finite sd");
  if (!(lo >= least && hi <= most && lo < calibration.value && calibration.value < hi))
    throw Error(
        fmt::format("{} = {} is not inside its box [{}, {}], or the box reaches "
                    "beyond [{}, {}] (values there have no meaning)",
                    name,
                    calibration.value,
                    lo,
                    hi,
                    least,
                    most));
  return {{name, lo, hi, calibration.value, "", about}, calibration.sd};
}

std::size_t Calibrations::add(const std::string& name,
                              const Calibration& calibration,
                              double least,
                              double most,
                              const std::string& about) {
  const std::size_t number = nominal_.size();
  nominal_.push_back(calibration.value);
  if (calibration.sd > 0) {
    nuisances_.push_back(nuisance_of(name, calibration, least, most, about));
    free_.push_back(number);
  } else if (!(calibration.value >= least && calibration.value <= most)) {
    fail("{} = {} is not in [{}, {}]", name, calibration.value, least, most);
  }
  return number;
}

std::vector<double> Calibrations::values(std::span<const double> nu) const {
  expect(nu.size() == free_.size(), "one value for each nuisance parameter");
  auto out = nominal_;
  for (std::size_t k = 0; k < nu.size(); ++k) out[free_[k]] = nu[k];
  return out;
}

double Step::panel(const std::string&, double) const {
  return std::numeric_limits<double>::infinity();
}

std::vector<double> Step::breaks(const std::string&) const {
  return {};
}

ColumnPlace place_of(const std::vector<Channel>& channels, const std::string& column) {
  ColumnPlace place;
  std::vector<std::string> known;
  for (place.channel = 0; place.channel < channels.size(); ++place.channel)
    for (place.axis = 0; place.axis < channels[place.channel].axes.size();
         ++place.axis, ++place.column) {
      const auto& name = channels[place.channel].axes[place.axis].column;
      if (name == column) return place;
      known.push_back(name);
    }
  throw Error(fmt::format("there is no column '{}'", column),
              fmt::format("the columns here are {}", fmt::join(known, ", ")));
}

std::string words(const std::vector<Survival>& survival) {
  double all = 1;
  std::vector<std::string> each;
  for (const auto& s : survival) {
    all *= s.kept;
    each.push_back(fmt::format("{} {:.4g} %", s.stage, 100 * s.kept));
  }
  return fmt::format("The detector keeps {:.4g} % of the records at the estimate: {}.",
                     100 * all,
                     fmt::join(each, ", "));
}

std::vector<double> nominal(const Instrument& instrument) {
  std::vector<double> out;
  for (const auto& nuisance : instrument.nuisances())
    out.push_back(nuisance.parameter.start);
  return out;
}

void pair_channels(std::vector<Channel>& channels,
                   const ColumnPlace& first,
                   const ColumnPlace& second,
                   const std::string& who) {
  auto &a = channels[first.channel], &b = channels[second.channel];
  if (first.channel == second.channel || a.axes.size() != 1 || b.axes.size() != 1)
    throw Error(
        fmt::format("{} needs columns of two channels with one axis each; '{}' "
                    "and '{}' are not",
                    who,
                    a.axes[first.axis].column,
                    b.axes[second.axis].column));
  if (second.channel != first.channel + 1)
    throw Error(who + " needs neighbouring channels",
                "name columns that stand side by side in the data");
  a.name += "+" + b.name;
  a.axes.push_back(b.axes[0]);
  channels.erase(channels.begin() + static_cast<std::ptrdiff_t>(second.channel));
}

}  // namespace femto
