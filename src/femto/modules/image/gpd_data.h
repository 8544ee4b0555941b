// Measured values of generalised parton distributions, as images of them take them.
#pragma once
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/io/events.h"
#include "femto/pipeline/image.h"

namespace femto::gpd {

inline constexpr std::size_t most_skewnesses = 60, most_scales = 100;

struct Datum {
  double x = 0, xi = 0, q2 = 0, value = 0, error = 0;
  int parton = 0;  // PDG number of the gluon, 21; 0: quarks
};

struct FileOptions {
  double lowest_x = -1;
  double lowest_q2 = 0;    // the scale of the image
  std::vector<double> q2;  // of data without a column of it
  bool partons = false;    // whether there must be a column that names them
};

struct DataFile {
  std::vector<Datum> data;
  std::string label, checksum;
};

inline void check(const Datum& d,
                  const FileOptions& options,
                  const std::string& file,
                  std::size_t row) {
  const bool usable = d.x >= options.lowest_x && d.x <= 1 && d.xi >= 1e-5 && d.xi <= 1 &&
                      d.q2 >= options.lowest_q2 && std::isfinite(d.q2) &&
                      std::isfinite(d.value) && d.error > 0 && std::isfinite(d.error);
  if (!usable)
    throw DataError(fmt::format(
        "{}, row {}: x = {}, xi = {}, q2 = {}, value = {}, error = {} (needs {} <= x <= 1, "
        "1e-5 <= xi <= 1, q2 >= {}, a finite value, a positive error)",
        file,
        row,
        d.x,
        d.xi,
        d.q2,
        d.value,
        d.error,
        options.lowest_x,
        options.lowest_q2));
  if (d.parton != 0 && d.parton != 21)
    throw DataError(
        fmt::format("{}, row {}: parton = {} (0 is the sum of quarks, 21 the "
                    "gluon)",
                    file,
                    row,
                    d.parton));
}

/// Columns x, xi, value, error; q2 where the data are at several scales; parton where
/// there are several. Throws DataError.
inline DataFile read(const std::filesystem::path& file, const FileOptions& options) {
  std::vector<std::string> columns = {"x", "xi", "value", "error"};
  const auto info = io::inspect_events(file, {.expected_columns = columns});
  const auto has = [&](const char* name) {
    return std::ranges::any_of(info.columns,
                               [&](const io::Column& c) { return c.name == name; });
  };
  const bool own_scale = has("q2");
  if (!own_scale && options.q2.size() != 1)
    throw DataError(fmt::format("{} has no column q2 (data_q2 names {} scales)",
                                file.string(),
                                options.q2.size()));
  if (options.partons && !has("parton"))
    throw DataError(fmt::format("{} has no column parton (0: sum of quarks, 21: gluon)",
                                file.string()));
  io::ReadOptions read{.columns = columns, .expected_columns = columns};
  if (own_scale) read.columns.emplace_back("q2");
  if (options.partons) read.columns.emplace_back("parton");
  DataFile out{.data = {}, .label = file.string(), .checksum = info.checksum};
  const auto reader = io::open_events(file, read);
  for (io::EventTable chunk; reader->next(chunk);)
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      const auto parton = options.partons ? chunk.column(own_scale ? 5 : 4)[i] : 0.0;
      out.data.push_back(
          {.x = chunk.column(0)[i],
           .xi = chunk.column(1)[i],
           .q2 = own_scale ? chunk.column(4)[i] : options.q2[0],
           .value = chunk.column(2)[i],
           .error = chunk.column(3)[i],
           .parton = std::abs(parton) < 100 ? static_cast<int>(parton) : -1});
      check(out.data.back(), options, out.label, out.data.size());
    }
  if (out.data.empty()) throw DataError(fmt::format("{} holds no data", out.label));
  return out;
}

/// Ascending values of a member of the data; throws DataError if there are more than
/// `most`.
inline std::vector<double> distinct(const std::vector<Datum>& data,
                                    double Datum::* member,
                                    std::size_t most,
                                    const std::string& file,
                                    const char* what,
                                    const char* column) {
  std::set<double> found;
  for (const auto& d : data) found.insert(d.*member);
  if (found.size() > most)
    throw DataError(
        fmt::format(
            "{} holds {} {} (an image takes at most {})", file, found.size(), what, most),
        fmt::format("bin the data in {}", column));
  return {found.begin(), found.end()};
}

/// Evenly spaced, both ends included.
inline std::vector<double> spaced(int count, double lo, double hi) {
  std::vector<double> out;
  for (int k = 0; k < count; ++k)
    out.push_back(count == 1 ? lo : lo + (hi - lo) * k / (count - 1));
  return out;
}

/// Where a node at x and skewness xi stands for a prior: x, stretched as a square root at
/// +-xi, since distributions bend there; odd in x.
inline double place(double x, double xi) {
  const auto root = [](double d) { return std::copysign(std::sqrt(std::abs(d)), d); };
  return 0.5 * (root(x - xi) + root(x + xi));
}

/// Matern correlation of order 5/2 at a distance in units of its length.
/// Source: Rasmussen:2006 section 4.2.
inline double matern(double distance) {
  const double d = std::sqrt(5.0) * std::abs(distance);
  return (1 + d + d * d / 3) * std::exp(-d);
}

/// Where a value of `all` stands among them.
inline std::size_t index_of(double value, const std::vector<double>& all) {
  return static_cast<std::size_t>(std::ranges::find(all, value) - all.begin());
}

struct PseudoErrors {
  double relative = 0, absolute = 0;
};

/// Makes data and errors of a problem from its truth and response, with noise of `seed`.
inline void measure(const PseudoErrors& errors, std::uint64_t seed, ImageProblem& out) {
  const auto stream = random::Stream::named(seed, "image data");
  for (std::size_t d = 0; d < out.data.size(); ++d) {
    double value = 0;
    for (std::size_t u = 0; u < out.truth.size(); ++u)
      value += out.model.response(d, u) * out.truth[u];
    out.model.errors[d] = std::hypot(errors.absolute, errors.relative * value);
    out.data[d] = value + out.model.errors[d] * random::normal_pair(stream, d)[0];
  }
  out.notes.emplace_back(
      "The data are made from a model with the evolution that is fitted: a test of the "
      "method, not of the model.");
}

}  // namespace femto::gpd
