// Posterior of an image, its toys, and its run folder.
#include "femto/pipeline/image_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/core/hash.h"
#include "femto/core/random.h"
#include "femto/core/threads.h"
#include "femto/pipeline/journal.h"
#include "femto/pipeline/manifest.h"
#include "femto/pipeline/result.h"
#include "femto/stats/linear.h"

namespace femto {

using nlohmann::ordered_json;

namespace {

/// Chi2 of every component by data, averaged over repetitions at the truth.
std::vector<double> toy_chi2(const ImageProblem& problem,
                             const ImageStudy& study,
                             const stats::Components& components,
                             const ImageFit& fit) {
  const auto toys = static_cast<std::size_t>(study.toys);
  if (problem.truth.empty() || toys == 0) return {};
  const auto expected = stats::multiply(problem.model.response, problem.truth);
  std::vector<std::vector<double>> estimates(toys);
  parallel_for(toys, [&](std::size_t toy) {
    const auto stream = random::Stream::named(study.seed, "image toy", toy);
    auto data = expected;
    for (std::size_t d = 0; d < data.size(); ++d)
      data[d] += problem.model.errors[d] * random::normal_pair(stream, d)[0];
    estimates[toy] = components.estimate(data);
  });
  std::vector<double> out(fit.count.by_data, 0.0);
  for (const auto& estimate : estimates)
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] += std::pow(estimate[k] - fit.known[k], 2) * (1 + fit.information[k]) /
                static_cast<double>(toys);
  return out;
}

/// Standard deviations of pixels, [pixel], where component k has `variance`[k].
std::vector<double> pixel_sd(const Matrix& patterns,
                             const std::vector<double>& variance) {
  std::vector<double> out;
  for (std::size_t i = 0; i < patterns.rows; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < patterns.cols; ++k)
      sum += variance[k] * patterns(i, k) * patterns(i, k);
    out.push_back(std::sqrt(sum));
  }
  return out;
}

std::vector<Quantified> quantify(const ImageProblem& problem,
                                 const stats::Components& components,
                                 const std::vector<double>& unknowns,
                                 const std::vector<double>& variance) {
  std::vector<Quantified> out;
  for (const auto& f : problem.functionals) {
    const auto slope =
        stats::multiply(stats::transpose(components.patterns()), f.weights);
    Quantified q{.value = stats::dot(f.weights, unknowns)};
    for (std::size_t k = 0; k < slope.size(); ++k) {
      q.prior_sd += slope[k] * slope[k];
      q.sd += variance[k] * slope[k] * slope[k];
    }
    q.sd = std::sqrt(q.sd);
    q.prior_sd = std::sqrt(q.prior_sd);
    if (!problem.truth.empty()) q.truth = stats::dot(f.weights, problem.truth);
    out.push_back(q);
  }
  return out;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// |fit - truth| / |truth| over the pixels of one picture.
double relative_distance(const Raster& raster, const ImageFit& fit, std::size_t picture) {
  double away = 0, size = 0;
  for (std::size_t i = picture * raster.size(); i < (picture + 1) * raster.size(); ++i) {
    away += std::pow(fit.mean[i] - fit.truth[i], 2);
    size += std::pow(fit.truth[i], 2);
  }
  return std::sqrt(away / size);
}

/// Shares of the prior variance of each picture.
std::vector<Shares> shares_of(const Raster& raster,
                              const Matrix& patterns,
                              const ImageFit& fit) {
  const auto& count = fit.count;
  std::vector<Shares> out(raster.value_labels.size());
  for (std::size_t p = 0; p < out.size(); ++p) {
    for (std::size_t i = p * raster.size(); i < (p + 1) * raster.size(); ++i)
      for (std::size_t k = 0; k < patterns.cols; ++k) {
        const double variance = patterns(i, k) * patterns(i, k);
        (k < count.by_data                    ? out[p].by_data
         : k < count.by_data + count.by_prior ? out[p].by_prior
                                              : out[p].null) += variance;
        out[p].left += variance / (1 + fit.information[k]);
      }
    const double all = out[p].by_data + out[p].by_prior + out[p].null;
    for (double* one : {&out[p].by_data, &out[p].by_prior, &out[p].null, &out[p].left})
      *one /= all;
  }
  return out;
}

/// Rows of "parameters" in result.json: the functionals of the image.
ordered_json rows_of(const ImageProblem& problem, const ImageFit& fit) {
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < fit.functionals.size(); ++i) {
    const auto& q = fit.functionals[i];
    const auto& what = problem.functionals[i];
    ordered_json row = {
        {"name", what.name},
        {"unit", what.unit},
        {"about", what.about},
        {"identified", true},
        {"value", q.value},
        {"std", q.sd},
        {"prior_std", q.prior_sd},
        {"interval68", {q.value - q.sd, q.value + q.sd}},
        {"interval95", {q.value - 1.959964 * q.sd, q.value + 1.959964 * q.sd}},
        {"interval_method", "exact"}};
    if (!problem.truth.empty()) {
      row["truth"] = q.truth;
      row["pull"] = (q.value - q.truth) / q.sd;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> sentences_of(const ImageProblem& problem, const ImageFit& fit) {
  const auto& n = fit.count;
  auto out = problem.notes;
  out.push_back(fmt::format(
      "Of {} components of the image the data determine {}: about these they say more than "
      "the prior. {} more are shaped by the data but mostly by the prior, and {} are null: "
      "what the image shows of them is the prior, not a measurement.",
      fit.information.size(),
      n.by_data,
      n.by_prior,
      n.null));
  const auto& labels = problem.raster.value_labels;
  for (std::size_t p = 0; labels.size() > 1 && p < labels.size(); ++p)
    out.push_back(fmt::format(
        "{}: of the prior's variance {:.3g} % lies in components by data, {:.2g} % in "
        "those by prior, {:.2g} % in null ones; the data leave {:.2g} % of it.",
        labels[p],
        100 * fit.shares[p].by_data,
        100 * fit.shares[p].by_prior,
        100 * fit.shares[p].null,
        100 * fit.shares[p].left));
  out.push_back(fmt::format("chi2 of the data at the estimate: {:.1f} for {} data.",
                            fit.data_chi2,
                            problem.data.size()));
  if (fit.truth.empty()) return out;
  for (std::size_t p = 0; p < labels.size(); ++p)
    out.push_back(
        fmt::format("The estimate differs from the true image{} by {:.1f} % (root mean "
                    "square over its size).",
                    labels.size() > 1 ? " of " + labels[p] : "",
                    100 * relative_distance(problem.raster, fit, p)));
  if (fit.chi2.empty()) return out;
  const auto [low, high] = std::minmax_element(fit.chi2.begin(), fit.chi2.end());
  out.push_back(fmt::format(
      "Measured again at the true image, the components by data have chi2 {:.2f} each on "
      "average ({:.2f} to {:.2f}); 1 means that their errors are right.",
      mean_of(fit.chi2),
      *low,
      *high));
  return out;
}

ordered_json result_of(const ImagePlan& plan,
                       const ImageProblem& problem,
                       const ImageFit& fit,
                       double wall_s) {
  const auto timing = process_timing(wall_s);
  ordered_json image = {{"type", plan.study.image.type},
                        {"components",
                         {{"by_data", fit.count.by_data},
                          {"by_prior", fit.count.by_prior},
                          {"null", fit.count.null}}},
                        {"data_chi2", fit.data_chi2},
                        {"x_label", problem.raster.x_label},
                        {"y_label", problem.raster.y_label},
                        {"pictures", ordered_json::array()}};
  for (std::size_t p = 0; p < fit.shares.size(); ++p) {
    const auto& share = fit.shares[p];
    image["pictures"].push_back({{"label", problem.raster.value_labels[p]},
                                 {"by_data", share.by_data},
                                 {"by_prior", share.by_prior},
                                 {"null", share.null},
                                 {"left", share.left}});
    if (!fit.truth.empty())
      image["pictures"].back()["relative_distance"] =
          relative_distance(problem.raster, fit, p);
  }
  if (!fit.chi2.empty())
    image["toys"] = {
        {"count", plan.study.toys}, {"mean_chi2", mean_of(fit.chi2)}, {"chi2", fit.chi2}};
  return {{"schema", 1},
          {"study", plan.study.name},
          {"about", plan.study.about},
          {"status", "done"},
          {"parameters", rows_of(problem, fit)},
          {"derived", ordered_json::array()},
          {"image", image},
          {"events", {{"data", problem.data.size()}, {"simulated", 0}}},
          {"data",
           {{"label", problem.data_label},
            {"checksum", problem.data_checksum},
            {"rows_dropped", 0},
            {"dropped", ""}}},
          {"notes", sentences_of(problem, fit)},
          {"timing",
           {{"wall_s", timing.wall_s},
            {"cpu_s", timing.cpu_s},
            {"peak_rss_bytes", timing.peak_rss_bytes}}}};
}

ordered_json manifest_of(const ImagePlan& plan,
                         const ImageProblem& problem,
                         const std::vector<std::string>& argv) {
  ordered_json out =
      manifest_head(plan.study.name, plan.file.string(), plan.study.seed, argv);
  out["overrides"] = plan.overrides;
  out["plugins"] = ordered_json::array();
  out["data"] = {{"label", problem.data_label},
                 {"rows", problem.data.size()},
                 {"columns", {"x", "xi", "value", "error"}},
                 {"checksum", problem.data_checksum}};
  out["study_checksum"] = checksum(plan.resolved);
  out["checkpoint_version"] = checkpoint_version;
  return out;
}

}  // namespace

Determined determined(const stats::Components& components, double null_below) {
  Determined out;
  for (const double information : components.information())
    ++(information > 1            ? out.by_data
       : information > null_below ? out.by_prior
                                  : out.null);
  return out;
}

ImageFit solve(const ImageProblem& problem, const ImageStudy& study) {
  const stats::Components components(problem.model);
  ImageFit fit;
  fit.count = determined(components, study.null_below);
  fit.information = components.information();
  fit.estimate = components.estimate(problem.data);
  const auto unknowns = components.unknowns(fit.estimate);
  fit.mean = stats::multiply(problem.picture, unknowns);
  const auto patterns = stats::multiply(problem.picture, components.patterns());
  fit.shares = shares_of(problem.raster, patterns, fit);
  auto variance = std::vector<double>(components.size(), 1.0);
  fit.prior_sd = pixel_sd(patterns, variance);
  for (std::size_t k = 0; k < variance.size(); ++k)
    variance[k] = 1 / (1 + fit.information[k]);
  fit.sd = pixel_sd(patterns, variance);
  fit.functionals = quantify(problem, components, unknowns, variance);
  const auto expected = stats::multiply(problem.model.response, unknowns);
  for (std::size_t d = 0; d < expected.size(); ++d)
    fit.data_chi2 +=
        std::pow((problem.data[d] - expected[d]) / problem.model.errors[d], 2);
  if (problem.truth.empty()) return fit;
  fit.truth = stats::multiply(problem.picture, problem.truth);
  fit.known = components.of(problem.truth, 1);
  fit.known.resize(fit.count.by_data);
  fit.chi2 = toy_chi2(problem, study, components, fit);
  return fit;
}

std::vector<io::Array> arrays_of(const ImageProblem& problem, const ImageFit& fit) {
  const auto& r = problem.raster;
  std::vector<io::Array> out = {
      {"image/x", {r.x.size()}, r.x, "1", {"x"}, "centres of the pixels"},
      {"image/y", {r.y.size()}, r.y, "1", {"y"}, "centres of the pixels"},
      {"image/information",
       {fit.information.size()},
       fit.information,
       "1",
       {"component"},
       "information of the data over that of the prior"},
      {"image/coordinates",
       {fit.estimate.size()},
       fit.estimate,
       "1",
       {"component"},
       "posterior means in prior standard deviations"}};
  const std::size_t pictures = r.value_labels.size();
  const auto pixels =
      [&](const char* name, const std::vector<double>& values, const char* about) {
        if (pictures == 1)
          out.push_back({fmt::format("image/{}", name),
                         {r.y.size(), r.x.size()},
                         values,
                         "1",
                         {"y", "x"},
                         about});
        else
          out.push_back({fmt::format("image/{}", name),
                         {pictures, r.y.size(), r.x.size()},
                         values,
                         "1",
                         {"picture", "y", "x"},
                         about});
      };
  pixels("mean", fit.mean, "posterior mean");
  pixels("sd", fit.sd, "posterior standard deviation");
  pixels("prior_sd", fit.prior_sd, "prior standard deviation");
  if (!fit.truth.empty()) pixels("truth", fit.truth, "the true image");
  const auto data =
      [&](const char* name, const std::vector<double>& values, const char* about) {
        out.push_back({name, {problem.data.size()}, values, "1", {"datum"}, about});
      };
  data("data/x", problem.data_x, "where measured");
  data("data/y", problem.data_y, "where measured");
  data("data/value", problem.data, "measured values");
  data("data/error", problem.model.errors, "their errors");
  if (!problem.data_picture.empty())
    data("data/picture", problem.data_picture, "of which picture, counted from 0");
  return out;
}

ordered_json run_image(const ImagePlan& plan,
                       const std::filesystem::path& path,
                       ExistingRun existing,
                       const std::vector<std::string>& argv) {
  const auto begin = std::chrono::steady_clock::now();
  const auto problem = plan.image->problem();
  const auto folder = RunFolder::create(
      path,
      existing,
      {{"study.yaml", plan.text},
       {"resolved.yaml", plan.resolved},
       {"manifest.json", manifest_of(plan, problem, argv).dump(2) + "\n"}});
  Journal journal(folder.path(), plan.study.name, {}, {});
  journal.status("running", "", 0);
  try {
    const auto fit = solve(problem, plan.study);
    io::write_arrays(folder / "arrays.h5", arrays_of(problem, fit));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    auto result = result_of(plan, problem, fit, taken.count());
    write_file_atomically(folder / "result.json", result.dump(2) + "\n");
    journal.status("done", "", 0);
    return result;
  } catch (const Error& error) {
    journal.status("failed", error.what(), static_cast<int>(error.code()));
    throw;
  }
}

}  // namespace femto
