// Takes a study of unfolding from its file to the run folder.
#include "femto/pipeline/unfold_run.h"

#include <chrono>
#include <fstream>

#include <fmt/format.h>

#include "femto/core/files.h"
#include "femto/core/threads.h"
#include "femto/pipeline/manifest.h"
#include "femto/pipeline/result.h"
#include "femto/pipeline/study_walk.h"

namespace femto {
namespace {

namespace fs = std::filesystem;
using config::Issue;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// The study with every value; paths are absolute, so that it can be run from anywhere.
std::string resolved_text(const UnfoldStudy& study, const Registry& registry) {
  auto document = config::encode(study);
  const auto anchor = [](config::Node& value, const config::Shape& shape) {
    if (shape.form != config::Shape::Form::path || value.scalar.empty()) return;
    value = config::text_node(fs::absolute(value.scalar).lexically_normal().string());
  };
  for_each_value(document, config::settings_of<UnfoldStudy>(), registry, anchor);
  return config::to_yaml(document);
}

std::size_t place_of(const std::vector<std::string>& columns, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
}

void check_columns(const UnfoldPlan& plan, std::vector<Issue>& issues) {
  const auto& s = plan.study;
  if (!s.nuisance) return;
  const auto check = [&](const char* key, const auto& name, const auto& columns) {
    if (place_of(columns, name) < columns.size()) return;
    issues.push_back(plan.origin.issue(std::string("nuisance.") + key,
                                       fmt::format("there is no column '{}' here", name),
                                       config::suggestion(name, columns, "columns")));
  };
  check("measured", s.nuisance->measured, s.measured_columns);
  check("truth", s.nuisance->truth, s.true_columns);
}

std::optional<ResponseNuisance> nuisance_of(const UnfoldStudy& s) {
  if (!s.nuisance) return std::nullopt;
  const auto& n = *s.nuisance;
  return ResponseNuisance{n.name,
                          place_of(s.measured_columns, n.measured),
                          place_of(s.true_columns, n.truth),
                          n.change,
                          n.fixed,
                          n.value,
                          n.sd};
}

/// Values of the events that the flag marks.
std::vector<double> marked(const std::vector<double>& values,
                           const std::vector<std::uint8_t>& flag) {
  std::vector<double> out;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (flag[i]) out.push_back(values[i]);
  return out;
}

void set_bins(const UnfoldStudy& s, Unfolded& out) {
  const auto bins = static_cast<std::size_t>(s.bins);
  // The data may be wider than the simulated truth: its bins reach further out.
  const auto edges = [&](const std::vector<double>& values, double tail) {
    return values.empty() ? Edges{0, 1} : edges_of(values, bins, tail);
  };
  for (const auto& column : out.simulation.truth)
    out.options.truth_bins.push_back(
        edges(marked(column, out.simulation.generated), 1e-4));
  for (const auto& column : out.data.measured)
    out.options.measured_bins.push_back(edges(marked(column, out.data.detected), 1e-3));
}

ordered_json line_of(const UnfoldStudy& s, const Iterate& now) {
  ordered_json theta;
  for (std::size_t c = 0; c < now.mean.size(); ++c) {
    theta["mean " + s.true_columns[c]] = now.mean[c];
    theta["sd " + s.true_columns[c]] = now.sd[c];
  }
  if (now.nuisance) theta[s.nuisance->name] = *now.nuisance;
  return {{"step", "unfolding"},
          {"iteration", now.number},
          {"theta", theta},
          {"chi2_before", now.chi2},
          {"ndf", now.ndf},
          {"total", now.total},
          {"ess", now.ess},
          {"largest_weight", now.largest},
          {"change", now.change}};
}

ordered_json manifest_of(const UnfoldPlan& plan, const std::vector<std::string>& argv) {
  ordered_json out =
      manifest_head(plan.study.name, plan.file.string(), plan.study.seed, argv);
  out["data"] = plan.data->label();
  out["simulation"] = plan.simulation->label();
  return out;
}

void write_status(const RunFolder& folder,
                  const UnfoldPlan& plan,
                  std::string_view state,
                  std::string_view message,
                  int exit_code) {
  write_file_atomically(folder / "status.json",
                        ordered_json{{"study", plan.study.name},
                                     {"status", state},
                                     {"progress", state == "done" ? 1.0 : 0.0},
                                     {"message", message},
                                     {"exit_code", exit_code}}
                                .dump(2) +
                            "\n");
}

}  // namespace

UnfoldPlan make_unfold_plan(const PlanRequest& request, Components& components) {
  for (const auto& file : request.plugins) components.load(file);
  UnfoldPlan plan;
  plan.file = request.file;
  plan.text = read_file(request.file);
  auto loaded = config::load<UnfoldStudy>(
      plan.text, request.file.string(), components.registry(), request.overrides);
  plan.study = std::move(loaded.value);
  plan.origin = std::move(loaded.origin);
  plan.warnings = std::move(loaded.warnings);
  auto& s = plan.study;
  if (s.name.empty()) s.name = request.file.stem().string();
  plan.data = s.data.build();
  plan.simulation = s.simulation.build();
  plan.ratio = s.ratio.build();
  if (s.truth_ratio) plan.truth_ratio = s.truth_ratio->build();
  std::vector<Issue> issues;
  check_columns(plan, issues);
  plan.origin.throw_if_any(std::move(issues));
  plan.resolved = resolved_text(s, components.registry());
  return plan;
}

Unfolded unfold_events(const UnfoldPlan& plan,
                       const Audience& audience,
                       const std::function<void(const ordered_json& line)>& history) {
  const auto& s = plan.study;
  const auto began = Clock::now();
  const auto replicas = static_cast<std::size_t>(s.bootstrap.replicas);
  const double steps = s.iterations * (1.0 + static_cast<double>(replicas));
  const auto show = [&](const char* step, double done) {
    if (!audience.show) return;
    Progress p;
    p.step = step;
    p.fraction = done / steps;
    p.elapsed_s = seconds_since(began);
    audience.show(p);
  };
  Unfolded out;
  const SampleRequest request{
      s.true_columns, s.measured_columns, s.seed, Role::simulation};
  out.simulation = plan.simulation->read(request);
  out.data = plan.data->read({s.true_columns, s.measured_columns, s.seed, Role::data});
  auto& o = out.options;
  o.measured_ratio = plan.ratio.get();
  o.truth_ratio = plan.truth_ratio ? plan.truth_ratio.get() : plan.ratio.get();
  o.iterations = s.iterations;
  o.stop_below = s.stop_below;
  o.exposure = s.exposure;
  o.nuisance = nuisance_of(s);
  o.seed = s.seed;
  set_bins(s, out);
  out.notes = check_unfolding(
      out.simulation, out.data, s.true_columns, s.measured_columns, o, s.outside);
  o.watch = [&](const Iterate& now) {
    history(line_of(s, now));
    show("unfolding", now.number);
  };
  out.result = unfold(out.simulation, out.data, o);
  o.watch = {};
  if (replicas == 0) return out;
  auto same = o;  // as many iterations as the data took
  same.iterations = static_cast<int>(out.result.iterates.size());
  same.stop_below = 0;
  out.replicas =
      bootstrap(out.simulation,
                out.data,
                same,
                replicas,
                s.bootstrap.vary,
                s.bootstrap.keep_weights ? KeepWeights::yes : KeepWeights::no,
                [&](std::size_t done) {
                  show("bootstrap", s.iterations * (1.0 + static_cast<double>(done)));
                });
  return out;
}

ordered_json run_unfolding(const UnfoldPlan& plan,
                           const fs::path& where,
                           ExistingRun existing,
                           const std::vector<std::string>& argv,
                           const Audience& audience) {
  const auto began = Clock::now();
  const auto folder =
      RunFolder::create(where,
                        existing,
                        {{"study.yaml", plan.text},
                         {"resolved.yaml", plan.resolved},
                         {"manifest.json", manifest_of(plan, argv).dump(2) + "\n"}});
  write_status(folder, plan, "running", "", 0);
  try {
    std::ofstream metrics(folder / "metrics.jsonl");
    const auto found = unfold_events(plan, audience, [&](const ordered_json& line) {
      metrics << line.dump() << '\n' << std::flush;
    });
    auto result = unfold_json(plan, found);
    const auto timing = process_timing(seconds_since(began));
    result["timing"] = {{"wall_s", timing.wall_s},
                        {"cpu_s", timing.cpu_s},
                        {"peak_rss_bytes", timing.peak_rss_bytes}};
    io::write_arrays(folder / "arrays.h5", unfold_arrays(plan, found));
    write_file_atomically(folder / "result.json", result.dump(2) + "\n");
    write_status(folder, plan, "done", "", 0);
    return result;
  } catch (const Error& error) {
    write_status(folder, plan, "failed", error.what(), static_cast<int>(error.code()));
    throw;
  }
}

}  // namespace femto
