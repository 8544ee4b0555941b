// Run folders made from closed forms, to test the report without running a fit.
#include "tests/report/fixture.h"

#include <array>
#include <cmath>
#include <fstream>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "femto/core/random.h"
#include "femto/io/arrays.h"

namespace femto::testing {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct Quantity {
  const char* name;
  double truth, std, floor;
  bool identified, derived;
};

/// Truth: the published proxy. Errors: made up, of the size that 1e5 pairs give.
const std::array<Quantity, 7> quantities{{
    {"N_u", 2.1875, 0, 0, false, false},
    {"a_u", -0.5, 0.021, 0.0199, true, false},
    {"b_u", 3.0, 0.065, 0.0601, true, false},
    {"N_d", 1.09375, 0, 0, false, false},
    {"a_d", -0.5, 0.094, 0.0823, true, false},
    {"b_d", 4.0, 0.41, 0.352, true, false},
    {"ln_ratio", std::log(0.5), 0.48, 0.411, true, true},
}};

double u_density(double x) {
  return 2.1875 * std::pow(x, -0.5) * std::pow(1 - x, 3);
}

double d_density(double x) {
  return 1.09375 * std::pow(x, -0.5) * std::pow(1 - x, 4);
}

double normal(const char* purpose, std::uint64_t index) {
  return random::normal_pair(random::Stream::named(7, purpose), index)[0];
}

json parameter_json(const Quantity& q, double shift) {
  json p{{"name", q.name}, {"identified", q.identified}, {"truth", q.truth}};
  if (!q.identified) {
    p.update({{"value", q.truth}, {"std", nullptr}, {"crb", nullptr}});
    return p;
  }
  const double v = q.truth + (0.4 * normal("pull", p.dump().size()) + shift) * q.std;
  p.update({{"value", v},
            {"std", q.std},
            {"crb", q.floor},
            {"interval68", {v - 1.1 * q.std, v + 0.95 * q.std}},
            {"interval95", {v - 2.3 * q.std, v + 1.9 * q.std}},
            {"interval_method", "profile"}});
  return p;
}

json result_json(const RunFixture& f) {
  json result{{"schema", 1},
              {"study", f.study},
              {"status", f.status},
              {"parameters", json::array()}};
  for (const Quantity& q : quantities)
    result[q.derived ? "derived" : "parameters"].push_back(parameter_json(q, f.shift));
  result["identifiability"] = {
      {"rank", 5},
      {"n_parameters", 6},
      {"eigenvalues", {0.0, 2.56e-5, 4.50e-4, 9.83e-3, 8.04e-2, 2.926e-1}},
      {"null_directions", {{{"combination", {{"N_u", 0.894427}, {"N_d", 0.447214}}}}}},
      {"sloppy_directions",
       {{{"eigenvalue", 2.56e-5},
         {"sd", 0.62},
         {"combination", {{"ln_ratio", 0.79}, {"b_d", -0.55}, {"a_d", 0.27}}}}}},
      {"n_lambda_min", 2.5}};
  result["goodness_of_fit"] = {{"tests",
                                {{{"name", "chi-square of x1"},
                                  {"statistic", 41.2},
                                  {"ndf", 38},
                                  {"p_value", 0.33},
                                  {"note", "40 bins"}},
                                 {{"name", "Kolmogorov-Smirnov of x2"},
                                  {"statistic", 0.0021},
                                  {"p_value", 0.77},
                                  {"note", ""}}}}};
  result["events"] = {{"data", 100000}, {"simulated", 0}};
  result["timing"] = {{"wall_s", 1.43}, {"cpu_s", 2.7}, {"peak_rss_bytes", 61865984}};
  result["ensemble"] = {{"members", 15},
                        {"spread", {{"a_u", 0.019}, {"b_u", 0.07}}},
                        {"note", "Members differ in start and bootstrap sample."}};
  result["notes"] = {
      "The common scale of N_u and N_d was fixed: it is a gauge direction."};
  return result;
}

void add_curve(std::vector<io::Array>& arrays,
               const std::string& name,
               double (*f)(double)) {
  const std::size_t n = 120;
  std::vector<double> x(n), value(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = 0.1 + 0.899 * static_cast<double>(i) / (n - 1);
    value[i] = f(x[i]) * (1 + 0.03 * std::sin(6 * x[i]));
  }
  const auto add = [&](const char* part, auto curve) {
    std::vector<double> y(n);
    for (std::size_t i = 0; i < n; ++i) y[i] = curve(i);
    arrays.push_back(
        {"bands/" + name + "/" + part, {n}, y, "1", {"x"}, "Density " + name + "(x)."});
  };
  const auto half = [&](std::size_t i) { return value[i] * (0.03 + 0.1 * x[i]); };
  add("x", [&](std::size_t i) { return x[i]; });
  add("value", [&](std::size_t i) { return value[i]; });
  add("lo68", [&](std::size_t i) { return value[i] - half(i); });
  add("hi68", [&](std::size_t i) { return value[i] + half(i); });
  add("lo95", [&](std::size_t i) { return value[i] - 2 * half(i); });
  add("hi95", [&](std::size_t i) { return value[i] + 2 * half(i); });
  add("truth", [&](std::size_t i) { return f(x[i]); });
}

void add_histogram(std::vector<io::Array>& arrays,
                   const std::string& name,
                   double (*f)(double)) {
  const std::size_t bins = 40;
  std::vector<double> edges(bins + 1), data(bins), fit(bins);
  for (std::size_t i = 0; i <= bins; ++i)
    edges[i] = 0.1 + 0.9 * static_cast<double>(i) / bins;
  for (std::size_t i = 0; i < bins; ++i) {
    fit[i] = 40000 * f((edges[i] + edges[i + 1]) / 2) / bins;
    data[i] =
        std::max(0.0, std::round(fit[i] + std::sqrt(fit[i]) * normal(name.c_str(), i)));
  }
  const std::string base = "histograms/" + name + "/";
  arrays.push_back({base + "edges", {bins + 1}, edges, "1", {"edge"}, "Bin edges."});
  arrays.push_back({base + "data", {bins}, data, "1", {"bin"}, "Measured events."});
  arrays.push_back({base + "fit", {bins}, fit, "1", {"bin"}, "Expected events."});
}

void add_profiles(std::vector<io::Array>& arrays) {
  const std::size_t n = 31;
  for (const Quantity& q : quantities) {
    if (!q.identified) continue;
    std::vector<double> x(n), y(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double t = -3 + 6 * static_cast<double>(i) / (n - 1);
      x[i] = q.truth + q.std * t;
      y[i] = t * t * (1 + 0.12 * t);
    }
    const std::string base = std::string("profile/") + q.name + "/";
    arrays.push_back({base + "value", {n}, x, "1", {"point"}, "Value held."});
    arrays.push_back({base + "delta2nll", {n}, y, "1", {"point"}, "Rise of -2 ln L."});
  }
}

io::Array draws(const std::string& name, std::size_t rows) {
  const std::size_t width = 6;
  io::Array a{name, {rows, width}, {}, "1", {"draw", "parameter"}, "Draws."};
  for (std::size_t s = 0; s < rows; ++s) {
    const double common = normal("common", s + 10 * rows);
    for (std::size_t j = 0; j < width; ++j) {
      const double z = 0.8 * common * (j % 2 == 0 ? 1 : -1) +
                       0.6 * normal("own", (s + 10 * rows) * width + j);
      a.values.push_back(quantities[j].truth + quantities[j].std * z);
    }
  }
  return a;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string metrics_lines(int iterations) {
  std::string text;
  for (int i = 0; i < iterations; ++i) {
    json row{
        {"t", 0.01 * i},
        {"step", "fit"},
        {"iteration", i},
        {"nll", -52000 + 900 * std::exp(-0.5 * i)},
        {"gradient_norm", 1e4 * std::exp(-0.7 * i)},
        {"theta",
         {{"a_u", -0.5 + 0.4 * std::exp(-0.3 * i)}, {"b_u", 3 - std::exp(-0.2 * i)}}}};
    text += row.dump() + "\n";
  }
  return text;
}

std::string study_text(const RunFixture& f) {
  return fmt::format("# a study\nname: {}\ndata:\n  path: data/events.npy\n",
                     json(f.study).dump());
}

}  // namespace

void write_run(const fs::path& folder, const RunFixture& f) {
  fs::create_directories(folder);
  write(folder / "study.yaml", study_text(f));
  write(
      folder / "resolved.yaml",
      study_text(f) + fmt::format("solver:\n  type: likelihood\n  starts: {}\nseed: 1\n",
                                  f.iterations));
  const json manifest{
      {"femto_version", "0.1.0"},
      {"git_revision", "0123abc"},
      {"study", f.study},
      {"build", {{"compiler", "GNU 12.2"}, {"type", "Release"}, {"flags", "-O3"}}},
      {"libraries", {{"eigen", "3.4.0"}, {"hdf5", "1.10.8"}}},
      {"host", {{"name", "bench"}, {"cores", 2}, {"os", "Debian 12"}}},
      {"data",
       {{{"path", "data/events.npy"}, {"checksum", "xxh3:0011"}, {"rows", 100000}}}},
      {"seeds", {{"seed", 1}}},
      {"command", "femto run studies/proxy1d/likelihood.yaml"},
      {"started", "2025-01-01T12:00:00Z"}};
  write(folder / "manifest.json", manifest.dump(1));
  json status{{"status", f.status}, {"progress", f.status == "done" ? 1.0 : 0.4}};
  if (f.status == "failed") status["error"] = "the likelihood is not finite at start 3";
  write(folder / "status.json", status.dump());
  if (f.metrics) write(folder / "metrics.jsonl", metrics_lines(f.iterations));
  if (f.result) write(folder / "result.json", result_json(f).dump(1));
  if (!f.arrays) return;
  std::vector<io::Array> arrays;
  add_curve(arrays, "u", u_density);
  add_curve(arrays, "d", d_density);
  add_histogram(arrays, "x1", u_density);
  add_histogram(arrays, "x2", d_density);
  add_profiles(arrays);
  arrays.push_back(draws("samples/parameters", 2000));
  arrays.push_back(draws("ensemble/members", 15));
  io::write_arrays(folder / "arrays.h5", arrays);
}

fs::path temporary_folder(const std::string& name) {
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("femto-report-{}-{}", name, ::getpid());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

}  // namespace femto::testing
