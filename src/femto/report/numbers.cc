// Numbers as people read them, and series small enough for a page.
#include "femto/report/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace femto::report {

namespace {

/// Digits after the decimal point that show the first two digits of `error`.
int decimals_for(double error) {
  return static_cast<int>(std::clamp(1 - std::floor(std::log10(error)), 0.0, 12.0));
}

bool wants_exponent(double value) {
  return value != 0 && (std::fabs(value) >= 1e6 || std::fabs(value) < 1e-5);
}

}  // namespace

nlohmann::json short_number(double x, int digits) {
  if (!std::isfinite(x)) return nullptr;
  return std::strtod(fmt::format("{:.{}g}", x, digits).c_str(), nullptr);
}

std::string shown(std::optional<double> x, int digits) {
  if (!x || !std::isfinite(*x)) return "–";
  return fmt::format("{:.{}g}", *x, digits);
}

std::string shown_with_error(double value, double error) {
  if (!std::isfinite(error) || error <= 0) return shown(value, 6);
  const double largest = std::max(std::fabs(value), error);
  if (wants_exponent(largest)) {
    const double scale = std::pow(10.0, std::floor(std::log10(largest)));
    const int decimals = decimals_for(error / scale);
    return fmt::format("({:.{}f} ± {:.{}f})·10^{:.0f}",
                       value / scale,
                       decimals,
                       error / scale,
                       decimals,
                       std::log10(scale));
  }
  const int decimals = decimals_for(error);
  return fmt::format("{:.{}f} ± {:.{}f}", value, decimals, error, decimals);
}

std::string shown_interval(std::optional<double> low, std::optional<double> high) {
  if (!low && !high) return "–";
  if (!low) return fmt::format("(−∞, {:.4g}]", *high);
  if (!high) return fmt::format("[{:.4g}, ∞)", *low);
  const double half = (*high - *low) / 2;
  if (half <= 0 || wants_exponent(std::max(std::fabs(*low), std::fabs(*high))))
    return fmt::format("[{:.4g}, {:.4g}]", *low, *high);
  const int decimals = decimals_for(half);
  return fmt::format("[{:.{}f}, {:.{}f}]", *low, decimals, *high, decimals);
}

std::string shown_count(double x) {
  const std::string digits = fmt::format("{:.0f}", std::fabs(x));
  std::string text = x < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string shown_duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.3g} s", seconds);
  const auto whole = static_cast<long>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string shown_bytes(double bytes) {
  if (bytes < 1024.0 * 1024.0) return fmt::format("{:.1f} KiB", bytes / 1024.0);
  if (bytes < 1024.0 * 1024.0 * 1024.0)
    return fmt::format("{:.1f} MiB", bytes / 1024.0 / 1024.0);
  return fmt::format("{:.2f} GiB", bytes / 1024.0 / 1024.0 / 1024.0);
}

std::vector<std::size_t> thinned(std::span<const double> y, std::size_t limit) {
  std::vector<std::size_t> finite;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isfinite(y[i])) finite.push_back(i);
  }
  if (finite.size() <= limit || limit < 4) return finite;
  const std::size_t stretches = (limit - 2) / 2;
  std::vector<std::size_t> kept{finite.front()};
  for (std::size_t s = 0; s < stretches; ++s) {
    const auto begin = finite.begin() + static_cast<long>(s * finite.size() / stretches);
    const auto end =
        finite.begin() + static_cast<long>((s + 1) * finite.size() / stretches);
    const auto by_value = [&](std::size_t a, std::size_t b) { return y[a] < y[b]; };
    const auto [low, high] = std::minmax_element(begin, end, by_value);
    kept.push_back(*low);
    kept.push_back(*high);
  }
  kept.push_back(finite.back());
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

}  // namespace femto::report
