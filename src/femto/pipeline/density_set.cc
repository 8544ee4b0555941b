// Takes the members of a set of densities from what a run folder holds.
#include "femto/pipeline/density_set.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/io/arrays.h"
#include "femto/stats/linear.h"

namespace femto {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json result_of(const fs::path& run) {
  const auto file = run / "result.json";
  if (!fs::exists(file))
    throw Error(
        fmt::format("'{}' holds no result (the run is not finished)", run.string()),
        "finish it with `femto resume`, or give the folder of another run");
  auto result = json::parse(read_file(file), nullptr, false);
  if (!result.is_object() || !result.contains("parameters"))
    throw DataError(fmt::format("{} is damaged", file.string()), "run the study again");
  return result;
}

/// Values of the theory's parameters, which come first.
std::vector<double> estimate_of(const json& result, const Theory& theory) {
  std::vector<double> out;
  for (const auto& p : theory.parameters()) {
    const auto& rows = result.at("parameters");
    const auto row = std::ranges::find_if(
        rows, [&](const json& r) { return r.value("name", "") == p.name; });
    if (row == rows.end() || !row->at("value").is_number())
      throw DataError(fmt::format("the run has no value of '{}'", p.name),
                      "run the study again");
    out.push_back(row->at("value").get<double>());
  }
  return out;
}

const io::Array* find(const std::vector<io::Array>& arrays, const std::string& name) {
  const auto found = std::ranges::find(arrays, name, &io::Array::name);
  return found == arrays.end() ? nullptr : &*found;
}

/// Rows of an array whose last axis begins with the parameters, `most` of them, evenly.
std::vector<std::vector<double>> rows_of(const io::Array& array,
                                         std::size_t parameters,
                                         std::size_t most) {
  const std::size_t width = array.shape.back(), all = array.values.size() / width;
  const std::size_t count = std::min(all, most);
  std::vector<std::vector<double>> out;
  for (std::size_t k = 0; k < count; ++k) {
    const auto first =
        array.values.begin() +
        static_cast<std::ptrdiff_t>((2 * k + 1) * all / (2 * count) * width);
    out.emplace_back(first, first + static_cast<std::ptrdiff_t>(parameters));
  }
  return out;
}

/// One standard deviation along each eigenvector of the correlations; C = sum_k d d^T.
std::vector<std::vector<double>> shifts_of(const io::Array& covariance, std::size_t n) {
  const std::size_t width = covariance.shape.back();
  const auto c = [&](std::size_t i, std::size_t j) {
    return covariance.values[i * width + j];
  };
  std::vector<std::size_t> moving;
  for (std::size_t i = 0; i < n; ++i)
    if (c(i, i) > 0) moving.push_back(i);
  Matrix correlation(moving.size(), moving.size());
  for (std::size_t i = 0; i < moving.size(); ++i)
    for (std::size_t j = 0; j < moving.size(); ++j)
      correlation(i, j) = c(moving[i], moving[j]) /
                          std::sqrt(c(moving[i], moving[i]) * c(moving[j], moving[j]));
  std::vector<std::vector<double>> out;
  if (moving.empty()) return out;
  const auto spectrum = stats::eigen_symmetric(correlation);
  for (std::size_t k = moving.size(); k-- > 0;) {
    if (!(spectrum.values[k] > 1e-12 * spectrum.values.back())) break;
    std::vector<double> shift(n, 0.0);
    for (std::size_t i = 0; i < moving.size(); ++i)
      shift[moving[i]] = std::sqrt(spectrum.values[k] * c(moving[i], moving[i])) *
                         spectrum.vectors(i, k);
    out.push_back(std::move(shift));
  }
  return out;
}

struct Replicas {
  const io::Array* array = nullptr;
  const char* origin = "";
};

/// The best there are.
Replicas replicas_of(const std::vector<io::Array>& arrays, const json& result) {
  if (const auto* draws = find(arrays, "posterior/draws"))
    return {draws, "draws from the posterior"};
  const auto& solver = result.at("solver");
  if (const auto* members = find(arrays, "ensemble/members");
      members && solver.value("bootstrap", false))
    return {members, "bootstrap members of the ensemble"};
  return {};
}

/// Normal draws around a fit, unless they are the output of a generator.
Replicas normal_replicas(const std::vector<io::Array>& arrays) {
  const auto* draws = find(arrays, "samples/parameters");
  if (!draws || !draws->about.starts_with("Draws from the normal")) return {};
  return {draws, "draws from the normal distribution with the fit's covariance"};
}

/// What members do not vary, and what only a prior says of the others.
std::vector<std::string> held_words(const json& result, const Plan& plan) {
  std::vector<std::string> out, held;
  const auto& parameters = plan.theory->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (plan.setup.fixed[i]) held.push_back(parameters[i].name);
  if (!held.empty())
    out.push_back(fmt::format("Held by the study: {}.", fmt::join(held, ", ")));
  const auto& found = result.at("identifiability");
  if (const auto null = found.at("null_directions").size())
    out.push_back(
        fmt::format("{} of the parameters that the data do not determine {} held where "
                    "the fit ended.",
                    null == 1 ? "One direction" : fmt::format("{} directions", null),
                    null == 1 ? "is" : "are"));
  if (const auto origin = found.find("origin"); origin != found.end())
    out.push_back(
        fmt::format("Where the errors come from: {} components from data, {} "
                    "mostly from what was known before, {} from that alone.",
                    origin->at("by_data").get<int>(),
                    origin->at("by_prior").get<int>(),
                    origin->at("null").get<int>()));
  return out;
}

void check_name(const std::string& name) {
  const auto fine = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ||
           c == '+' || c == '.';
  };
  if (name.empty() || name[0] == '.' || !std::ranges::all_of(name, fine))
    throw Error(
        fmt::format("'{}' cannot be the name of a set (it is the name of a folder "
                    "and of files)",
                    name),
        "letters, digits, _, -, + and . make a name");
}

}  // namespace

const WritesDensities& densities_of(const Plan& plan) {
  const auto* with = dynamic_cast<const WritesDensities*>(plan.theory.get());
  if (!with)
    throw Error(fmt::format("theory '{}' has no evolved parton densities to write",
                            plan.study.theory.type),
                "`femto describe theory/dis` is one that has");
  return *with;
}

DensitySet density_set_of(const Plan& plan,
                          const fs::path& run,
                          const DensitySetRequest& request) {
  check_name(request.name);
  const auto result = result_of(run);
  const auto arrays = io::read_arrays(run / "arrays.h5");
  const std::size_t n = plan.theory->parameters().size();
  DensitySet set{.name = request.name,
                 .about = {},
                 .errors = request.errors,
                 .estimate = estimate_of(result, *plan.theory),
                 .others = {},
                 .x_min = request.x_min,
                 .q_max_gev = request.q_max_gev,
                 .notes = {}};
  auto replicas = replicas_of(arrays, result);
  if (set.errors == SetErrors::automatic)
    set.errors = replicas.array ? SetErrors::replicas : SetErrors::hessian;
  if (set.errors == SetErrors::replicas) {
    if (!replicas.array) replicas = normal_replicas(arrays);
    if (!replicas.array)
      throw Error(
          "this run has no draws of the parameters (its fits say nothing of their "
          "errors)",
          "intervals.method=posterior or ensemble.bootstrap=true gives some, "
          "--errors none writes the central member alone");
    set.others = rows_of(*replicas.array, n, request.replicas);
    set.notes.push_back(fmt::format(
        "Member 0 is the mean of {} replicas, {}.", set.others.size(), replicas.origin));
  } else if (set.errors == SetErrors::hessian) {
    const auto* covariance = find(arrays, "fit/covariance");
    if (covariance) set.others = shifts_of(*covariance, n);
    if (set.others.empty())
      throw Error("this run has no covariance (its fits say nothing of their errors)",
                  "--errors none writes the central member alone");
    set.notes.push_back(
        fmt::format("Member 0 is the estimate, the other {} are shifts of one standard "
                    "deviation along eigenvectors of the fit's covariance.",
                    set.others.size()));
  } else {
    set.notes.emplace_back("The estimate alone, without errors.");
  }
  if (set.errors != SetErrors::none)
    for (auto& words : held_words(result, plan)) set.notes.push_back(std::move(words));
  set.about = plan.study.about.empty() ? plan.study.name : plan.study.about;
  return set;
}

}  // namespace femto
