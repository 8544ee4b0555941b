// femto calibrate: toys, and whether intervals hold what they promise.
#include "femto/pipeline/calibrate.h"

#include <chrono>
#include <cmath>

#include "commands.h"
#include "progress_line.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/core/files.h"
#include "femto/core/interrupt.h"
#include "femto/core/log.h"
#include "femto/exchange/launch.h"
#include "femto/io/arrays.h"
#include "femto/pipeline/amortised.h"
#include "femto/pipeline/ensemble.h"
#include "femto/report/report.h"
#include "femto/stats/summary.h"

namespace femto::app {
namespace {

using nlohmann::ordered_json;

std::string covered(const CoverageRow& r) {
  return fmt::format("{:.1f} ± {:.1f} %", 100 * r.fraction, 100 * r.binomial_error);
}

/// Of right intervals 0.5 and 1.
std::string pit_words(const std::vector<double>& pits) {
  return fmt::format("{:.2f}, {:.2f}",
                     stats::mean(pits),
                     stats::standard_deviation(pits) * std::sqrt(12.0));
}

const char* verdict(bool calibrated) {
  return calibrated ? "calibrated" : "not calibrated";
}

std::string table_of(const Calibration& found) {
  Table rows({"quantity",
              "68 % covers",
              "95 % covers",
              "PIT mean, width",
              "smallest p",
              "verdict"});
  for (const auto& r : found.rows) {
    const auto worst =
        std::ranges::min_element(r.tests, {}, [](const auto& t) { return t.p; });
    rows.row({r.name,
              covered(r.level68),
              covered(r.level95),
              r.pit ? pit_words(r.pits) : "",
              fmt::format("{:.2g} ({})", worst->p, worst->name),
              verdict(r.calibrated)});
  }
  const auto together = [&](const char* name, const char* test, double p) {
    rows.row({name,
              "",
              "",
              "",
              fmt::format("{:.2g} ({})", p, test),
              verdict(p >= found.level)});
  };
  if (found.joint) together("all together", "distances", found.joint->p());
  if (found.everywhere) together("at all data", "L-C2ST", found.everywhere->p);
  if (found.at_data) together("at these data", "L-C2ST", found.at_data->p);
  return rows.text();
}

void print(const Calibration& found) {
  fmt::print("{}", table_of(found));
  if (!found.joint) {
    Table pulls({"quantity", "pull mean", "pull width"});
    for (const auto& p : found.coverage.pulls)
      pulls.row({p.name,
                 fmt::format("{:.2f} ± {:.2f}", p.mean, p.mean_error),
                 fmt::format("{:.2f} ± {:.2f}", p.width, p.width_error)});
    fmt::print("\n{}", pulls.text());
  }
  fmt::print(
      "\n{} intervals are {}: {} toys of {} records, truths from the {}; a test "
      "fails below p = {:.2g}\n",
      found.method,
      verdict(found.calibrated()),
      found.coverage.toys,
      grouped(static_cast<double>(found.records)),
      found.truths == Truths::prior ? "prior" : "study's truth",
      found.level);
  if (found.coverage.failed)
    fmt::print("{} toys failed and count as not covered; the first: {}\n",
               found.coverage.failed,
               found.coverage.failures.empty() ? "" : found.coverage.failures[0]);
  if (!found.coverage.untrusted) return;
  const char* why =
      found.method == "amortised"
          ? "draws of which a run would warn: raise amortiser.simulations"
          : "chains that disagree or hardly move: raise intervals.warmup and "
            "intervals.draws";
  fmt::print("{} toys have {}\n", found.coverage.untrusted, why);
}

/// result.json of a run of the same study and method; the verdict goes into it.
ordered_json result_of(const path& run, const Plan& plan) {
  const auto file = run / "result.json";
  if (!std::filesystem::exists(file))
    throw Error(
        fmt::format("'{}' holds no result.json (there is no finished run to mark)",
                    run.string()),
        "give the folder of a run that is done");
  auto result = ordered_json::parse(read_file(file), nullptr, false);
  if (!result.is_object())
    throw DataError(fmt::format("{} is damaged", file.string()), "run the study again");
  if (const auto study = result.value("study", ""); study != plan.study.name)
    throw Error(
        fmt::format("'{}' is a run of '{}', not of '{}' (a verdict holds for the "
                    "study it was made with)",
                    run.string(),
                    study,
                    plan.study.name));
  return result;
}

/// Estimates and draws of a run, if it has draws of as many records as a toy.
std::optional<ObservedPosterior> observed_of(const path& run,
                                             const ordered_json& result,
                                             const IntervalSettings& settings,
                                             std::uint64_t records) {
  if (!result.contains("posterior") || !std::filesystem::exists(run / "arrays.h5"))
    return {};
  if (const auto rows = result.at("events").at("data").get<std::uint64_t>();
      rows != records) {
    log::warn(
        "the local test at the data of the run is left out: they are {} records, a toy has {}",
        rows,
        records);
    return {};
  }
  if (result.at("posterior").value("corrected", settings.correct) != settings.correct ||
      result.at("posterior").value("amortised", false) !=
          (settings.method == IntervalMethod::amortised)) {
    log::warn(
        "the local test at the data of the run is left out: its draws were not made as "
        "those of the toys (intervals.method, intervals.correct)");
    return {};
  }
  ObservedPosterior out;
  for (const char* part : {"parameters", "derived"})
    for (const auto& row : result.at(part)) {
      out.names.push_back(row.at("name").get<std::string>());
      const auto& value = row.at("value");  // null where it is not finite
      out.values.push_back(value.is_number() ? value.get<double>() : NAN);
    }
  for (auto& array : io::read_arrays(run / "arrays.h5"))
    if (array.name == "posterior/draws") {
      out.draws = Matrix(array.values.size() / out.names.size(), out.names.size());
      out.draws.data = std::move(array.values);
    }
  if (out.draws.rows == 0) return {};
  // Toys of an amortised posterior have no fit: their value is the mean of the draws.
  if (result.at("posterior").value("amortised", false))
    for (std::size_t i = 0; i < out.values.size(); ++i) {
      double sum = 0;
      for (std::size_t d = 0; d < out.draws.rows; ++d) sum += out.draws(d, i);
      out.values[i] = sum / static_cast<double>(out.draws.rows);
    }
  return out;
}

void mark(const path& run, ordered_json result, const Calibration& found) {
  auto short_form = to_json(found);
  for (auto& q : short_form["quantities"]) {
    q.erase("shares");
    if (q.contains("pit")) q["pit"].erase("values");
  }
  if (short_form.contains("joint")) short_form["joint"].erase("shares");
  result["calibration"] = short_form;
  write_file_atomically(run / "result.json", result.dump(2) + "\n");
  write_report(std::vector<path>{run});
}

}  // namespace

int calibrate(const CalibrateCommand& c, Program& program) {
  auto& world = program.world.emplace(exchange::open_world());
  catch_interrupts();
  CalibrationOptions options;
  options.truths = c.truths == "truth" ? Truths::truth : Truths::prior;
  std::optional<ordered_json> result;
  const auto plan = plan_of_all(program, [&] {
    auto made =
        plan_of(c.study, program, c.events ? DataUse::optional : DataUse::required);
    if (options.truths == Truths::truth && made.truth.empty())
      throw Error("the study has no truth that toys could be made from",
                  "give `truth:` with every parameter, or use --truths prior");
    if (!c.run.empty() && program.leads()) result = result_of(c.run, made);
    return made;
  });
  const Density density(plan.fitted());
  const Dataset none{io::EventTable{}};
  const auto task = whole_task(plan, density, none);
  const bool silent = c.quiet || c.json || !program.leads();
  ProgressLine line(silent ? Chatter::quiet : Chatter::normal);
  const auto began = std::chrono::steady_clock::now();
  options.toys = c.toys;
  options.records = c.events.value_or(plan.info.rows);
  options.truth = plan.truth;
  options.jitter = c.jitter;
  options.seed = plan.study.seed;
  options.intervals = plan.study.intervals;
  if (result)
    options.observed = observed_of(c.run, *result, options.intervals, options.records);
  std::optional<Amortised> amortised;
  if (options.intervals.method == IntervalMethod::amortised) {
    amortised =
        obtain_amortised(plan,
                         task,
                         options.records,
                         c.run,
                         [&](const char* step, std::uint64_t at, std::uint64_t all) {
                           const std::chrono::duration<double> elapsed =
                               std::chrono::steady_clock::now() - began;
                           line.show(fmt::format("{} {}/{}", step, at, all),
                                     static_cast<double>(at) / static_cast<double>(all),
                                     elapsed.count());
                         });
    options.amortised = &*amortised;
  }
  options.progress = [&](int done) {
    const std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - began;
    line.show(fmt::format("toy {}/{}", done, c.toys),
              static_cast<double>(done) / c.toys,
              elapsed.count());
  };
  options.warn = [](const std::string& words) { log::warn("{}", words); };
  options.group = &world;
  const auto found = femto::calibrate(task, *plan.solver, options);
  line.clear();
  if (!program.leads()) return 0;
  const auto json = to_json(found);
  const path out = !c.out.empty()  ? c.out
                   : c.run.empty() ? path("calibration.json")
                                   : c.run / "calibration.json";
  write_file_atomically(out, json.dump(2) + "\n");
  if (result) mark(c.run, std::move(*result), found);
  if (c.json)
    fmt::print("{}\n", json.dump(2));
  else if (!c.quiet)
    print(found);
  return 0;
}

}  // namespace femto::app
