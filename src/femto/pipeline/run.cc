// Takes a plan through to its result and keeps the run folder true at every moment.
#include "femto/pipeline/run.h"

#include <fmt/format.h>

#include "femto/core/files.h"
#include "femto/core/hash.h"
#include "femto/core/interrupt.h"
#include "femto/exchange/alone.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/questions.h"
#include "femto/pipeline/amortised.h"
#include "femto/pipeline/annotated.h"
#include "femto/pipeline/assist.h"
#include "femto/pipeline/ensemble.h"
#include "femto/pipeline/manifest.h"
#include "femto/pipeline/result.h"
#include "femto/pipeline/spread.h"

namespace femto {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr const char* preparation = "preparation";
constexpr const char* inference = "inference";

std::string analysis_part(std::size_t i) {
  return fmt::format("analysis/{}", i);
}

/// Announces all parts, in the order of their notes in the result.
std::vector<std::string> add_parts(const Plan& plan, Journal& journal) {
  std::vector<std::string> parts = {preparation};
  journal.add_part(preparation, 0);
  const auto members = members_of(plan.study);
  for (const auto member : members) {
    parts.push_back(member_part(member));
    journal.add_part(
        parts.back(),
        0.7 / static_cast<double>(members.size()),
        members.size() > 1 ? std::optional<std::uint64_t>(member) : std::nullopt);
  }
  parts.emplace_back(inference);
  journal.add_part(inference, 0.2);
  for (std::size_t i = 0; i < plan.analyses.size(); ++i) {
    parts.push_back(analysis_part(i));
    journal.add_part(parts.back(), 0.1 / static_cast<double>(plan.analyses.size()));
  }
  return parts;
}

/// "member 3: " before the notes of one among several.
std::string speaker_of(const std::string& part, std::size_t members) {
  constexpr std::string_view prefix = "member/";
  return members > 1 && part.starts_with(prefix)
             ? fmt::format("member {}: ", part.substr(prefix.size()))
             : std::string();
}

/// Members that did not diverge; at least one, or NumericalError.
std::vector<Fit> usable(const std::vector<Fit>& fits) {
  std::vector<Fit> good;
  for (const auto& fit : fits)
    if (fit.outcome != Outcome::diverged) good.push_back(fit);
  if (good.empty())
    throw NumericalError(
        fits.size() == 1
            ? "the fit diverged: " + fits[0].message
            : fmt::format(
                  "all {} members diverged; the first: {}", fits.size(), fits[0].message),
        "try another start or box (parameters.NAME.start, min, max), or smaller steps of "
        "the solver");
  return good;
}

std::vector<Findings> analyse(const Plan& plan,
                              const Task& task,
                              const std::vector<Fit>& members,
                              const Inference& found,
                              Journal& journal) {
  Fit fit = members[0];
  fit.theta = found.theta;
  const Fitted fitted{task, fit, members, found.theta, found.covariance, plan.truth};
  std::vector<Findings> all;
  for (std::size_t i = 0; i < plan.analyses.size(); ++i) {
    journal.stop_if_asked();
    const auto monitor = journal.monitor(analysis_part(i));
    all.push_back(plan.analyses[i]->examine(fitted, *monitor));
    for (const auto& note : all.back().notes) journal.note(analysis_part(i), note);
    journal.finish(analysis_part(i), {});
  }
  return all;
}

void write_arrays_of(const RunFolder& folder,
                     const Inference& found,
                     const std::vector<Findings>& findings) {
  auto arrays = found.arrays;
  for (const auto& one : findings)
    arrays.insert(arrays.end(), one.arrays.begin(), one.arrays.end());
  io::write_arrays(folder / "arrays.h5", arrays);
}

/// What is found before the fits.
struct Begun {
  std::vector<std::string> parts;
  std::optional<Spread> spread;
  std::optional<Dataset> data;
  std::optional<Density> density;
};

const Dataset& read_events(const Plan& plan, Begun& begun) {
  const auto& source = *plan.source;
  if (!begun.spread)
    return begun.data.emplace(source, *plan.experiment, source.memory_limit());
  auto others = begun.spread->others()->ask(to_bytes({Topic::load, {}}));
  begun.data.emplace(source, *plan.experiment, source.memory_limit(), *begun.spread);
  others.get();
  return *begun.data;
}

void prepare(const Plan& plan, Journal& journal, Begun& begun) {
  begun.parts = add_parts(plan, journal);
  const auto& data = read_events(plan, begun);
  if (const auto text = data.dropped().text(); !text.empty())
    journal.note(preparation, text);
  if (const auto text = data.weight_note(); !text.empty())
    journal.note(preparation, text);
  if (const auto bias = plan.sampler->bias();
      !bias.empty() && !plan.objective->is_function())
    journal.note(preparation, bias);
  for (const auto& note : notes_of(plan.experiment->instrument()))
    journal.note(preparation, note);
  begun.density.emplace(plan.fitted());
}

/// Lessons of an amortiser as lines of the journal.
LessonProgress progress_of(Monitor& monitor) {
  return [&monitor](const char* step, std::uint64_t at, std::uint64_t all) {
    monitor.report({step, at, all, {}});
  };
}

ordered_json conclude(const Plan& plan,
                      const RunFolder& folder,
                      const Begun& begun,
                      const std::vector<Fit>& fits,
                      Journal& journal) {
  const auto& data = *begun.data;
  const auto members = usable(fits);
  journal.stop_if_asked();
  const auto task = whole_task(plan, *begun.density, data);
  const auto monitor = journal.monitor(inference);
  std::optional<Amortised> amortised;
  if (plan.study.intervals.method == IntervalMethod::amortised)
    amortised = obtain_amortised(
        plan, task, data.records(), folder.path(), progress_of(*monitor));
  const auto found =
      infer(task,
            members,
            plan.study.ensemble.bootstrap,
            {plan.study.intervals, plan.truth, amortised ? &*amortised : nullptr},
            *monitor);
  for (const auto& note : found.notes) journal.note(inference, note);
  const auto survival = plan.experiment->instrument().survival(found.theta);
  if (!survival.empty()) journal.note(inference, words(survival));
  journal.finish(inference, {});
  auto findings = analyse(plan, task, members, found, journal);

  std::vector<std::string> notes;
  for (const auto& part : begun.parts)
    for (const auto& note : journal.notes(part))
      notes.push_back(speaker_of(part, fits.size()) + note);
  write_arrays_of(folder, found, findings);
  auto result = result_json({plan,
                             data,
                             fits,
                             found,
                             std::move(findings),
                             std::move(notes),
                             process_timing(journal.wall_seconds())});
  write_file_atomically(folder / "result.json", result.dump(2) + "\n");
  return result;
}

json manifest_of(const RunFolder& folder) {
  const auto manifest = json::parse(read_file(folder / "manifest.json"), nullptr, false);
  if (!manifest.is_object())
    throw DataError(
        fmt::format("{} is damaged", (folder / "manifest.json").string()),
        "run again with `femto run " + (folder / "resolved.yaml").string() + "`");
  return manifest;
}

/// A run whose report failed is done all the same.
void write_report_of(const RunFolder& folder, const RunOptions& options) {
  if (!options.report) return;
  try {
    options.report(folder.path());
  } catch (const Error& error) {
    if (options.audience.say)
      options.audience.say(
          fmt::format("warning: the report was not written: {}; try "
                      "`femto report {}`",
                      error.what(),
                      folder.path().string()));
  }
}

/// Rank 0 solves while every rank holds a part of the events.
void solve_spread(const Plan& plan,
                  Journal& journal,
                  exchange::Communicator& group,
                  const std::function<void(const Begun&, const std::vector<Fit>&)>& end) {
  exchange::give_order(group, {hold_events, 0});
  exchange::lead(group, [&](exchange::Others& others) {
    Begun begun;
    begun.spread.emplace(0, group.size(), &others);
    prepare(plan, journal, begun);
    end(begun, members_alone(plan, *begun.density, *begun.data, journal));
  });
}

/// Ranks share members or a training; or rank 0 solves alone.
void solve_whole(const Plan& plan,
                 Journal& journal,
                 exchange::Communicator& group,
                 const std::function<void(const Begun&, const std::vector<Fit>&)>& end) {
  Begun begun;
  exchange::work_alone(group, [&] { prepare(plan, journal, begun); });
  const auto fits = solve_members(plan, *begun.density, *begun.data, journal, group);
  exchange::work_alone(group, [&] { end(begun, fits); });
}

}  // namespace

RunFolder start_run(const Plan& plan,
                    const fs::path& folder,
                    ExistingRun existing,
                    const std::vector<std::string>& argv) {
  const auto manifest = make_manifest(plan, plan.resolved, argv);
  return RunFolder::create(folder,
                           existing,
                           {{"study.yaml", plan.text},
                            {"resolved.yaml", plan.resolved},
                            {"manifest.json", manifest.dump(2) + "\n"}});
}

EarlierRun earlier_run(const RunFolder& folder) {
  const auto manifest = manifest_of(folder);
  const auto resolved = folder / "resolved.yaml";
  if (manifest.value("checkpoint_version", 0) != checkpoint_version)
    throw Error(
        fmt::format("'{}' was made with checkpoint version {}, this program reads "
                    "{} (its checkpoints mean something else)",
                    folder.path().string(),
                    manifest.value("checkpoint_version", 0),
                    checkpoint_version),
        "resume with the program named in manifest.json, or run again with "
        "`femto run " +
            resolved.string() + "`");
  if (manifest.value("study_checksum", "") != checksum(read_file(resolved)))
    throw Error(
        fmt::format("'{}' was changed after the run started (its checkpoints "
                    "belong to another study)",
                    resolved.string()),
        "undo the change, or start a new run with `femto run " + resolved.string() + "`");
  EarlierRun out;
  out.request.file = resolved;
  if (fs::exists(folder / "status.json")) {
    const auto status = json::parse(read_file(folder / "status.json"), nullptr, false);
    if (status.is_object()) out.status = status.value("status", "");
  }
  return out;
}

void check_same_data(const RunFolder& folder, const Plan& plan) {
  const auto manifest = manifest_of(folder);
  const auto before = manifest.at("data").value("checksum", "");
  if (before != plan.info.checksum)
    throw DataError(fmt::format("the data were changed after the run started: {} had "
                                "checksum {} and has {} now",
                                plan.info.label,
                                before,
                                plan.info.checksum),
                    "put the data back, or start a new run");
}

RunResult run_study(const Plan& plan,
                    const RunFolder& folder,
                    const RunOptions& options) {
  exchange::Communicator one(exchange::alone());
  auto& group = options.group ? *options.group : one;
  Journal journal(
      folder.path(), plan.study.name, plan.study.checkpoint, options.audience);
  try {
    for (const auto& warning : journal.restore())
      if (options.audience.say) options.audience.say("warning: " + warning);
    journal.status("running", "", 0);
    RunResult result;
    const auto end = [&](const Begun& begun, const std::vector<Fit>& fits) {
      result.json = conclude(plan, folder, begun, fits, journal);
      journal.status("done", "", 0);
      write_report_of(folder, options);
    };
    const auto why_not = group.size() == 1 ? "there is one rank" : why_not_spread(plan);
    const bool alone = plan.study.ensemble.members == 1 && !plays_together(plan);
    if (group.size() > 1 && !why_not.empty() && alone && options.audience.say)
      options.audience.say(
          fmt::format("warning: rank 0 fits alone while {} others wait: {}",
                      group.size() - 1,
                      why_not));
    if (why_not.empty())
      solve_spread(plan, journal, group, end);
    else
      solve_whole(plan, journal, group, end);
    exchange::give_order(group, {end_of_run, 0});
    return result;
  } catch (const Interrupted& stop) {
    journal.status("interrupted",
                   fmt::format("go on with: femto resume {}", folder.path().string()),
                   static_cast<int>(stop.code()));
    throw;
  } catch (const Error& error) {
    journal.status("failed", error.what(), static_cast<int>(error.code()));
    throw;
  } catch (const std::exception& error) {
    journal.status("failed", error.what(), static_cast<int>(Exit::bug));
    throw;
  }
}

}  // namespace femto
