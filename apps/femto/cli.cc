// Declares every command and option once.
#include "cli.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli_refuse.h"
#include "completion.h"
#include "options.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "femto/pipeline/build_info.h"

namespace femto::app {
namespace {

/// The command line under construction; commands keep their settings alive by sharing.
class Tree {
 public:
  Tree();

  Command parse(const std::vector<std::string>& argv);

 private:
  template <class Settings>
  std::pair<CLI::App*, std::shared_ptr<Settings>> add(CLI::App& above,
                                                      const char* name,
                                                      const char* about,
                                                      int (*act)(const Settings&,
                                                                 Program&)) {
    auto* sub = above.add_subcommand(name, about);
    auto settings = std::make_shared<Settings>();
    sub->callback([this, settings, act] {
      chosen_ = [settings, act](Program& p) { return act(*settings, p); };
    });
    return {sub, settings};
  }

  void add_runs();
  void add_studies();
  void add_toys();
  void add_unfold();
  void add_clusters();
  void add_components();
  void add_data();
  void add_completion();

  CLI::App app_{"From measured events to parameters with honest errors.", "femto"};
  Command chosen_;
};

Tree::Tree() {
  app_.set_version_flag(
      "--version", fmt::format("femto {} ({})", build::version(), build::revision()));
  app_.set_help_flag("--help,-h", "show this help");
  app_.require_subcommand(1);
  app_.get_formatter()->column_width(28);
  app_.footer("Try `femto COMMAND --help`, `femto list`, or `femto doctor`.");
  add_runs();
  add_studies();
  add_toys();
  add_unfold();
  add_clusters();
  add_components();
  add_data();
  add_completion();
}

void Tree::add_runs() {
  const auto [run_app, r] = add<RunCommand>(app_, "run", "Run a study", run);
  study_options(run_app, r->study);
  run_app->add_option("--out", r->out, "run folder; default: runs/<study>-<time>")
      ->type_name("DIR");
  run_app->add_flag("--force", r->force, "replace the run in --out");
  auto* quiet =
      run_app->add_flag("--quiet,-q", r->quiet, "say nothing but warnings and errors");
  run_app->add_flag("--json", r->json, "print result.json; errors as JSON")
      ->excludes(quiet);

  const auto [resume_app, m] =
      add<ResumeCommand>(app_, "resume", "Go on with an interrupted run", resume);
  resume_app->add_option("folder", m->folder, "run folder")->required()->type_name("DIR");
  resume_app->add_option("--threads", m->threads, "threads to use; 0: all it may use")
      ->type_name("N")
      ->check(at_least_zero());
  quiet_flag(resume_app, m->quiet);
  json_flag(resume_app, m->json);

  const auto [report_app, p] = add<ReportCommand>(
      app_, "report", "Write the page of one run or of several", report);
  report_app->add_option("folders", p->folders, "run folders")
      ->required()
      ->type_name("DIR");
  report_app->add_option("--out", p->out, "page to write")->type_name("FILE");

  const auto [export_app, e] = add<ExportCommand>(
      app_, "export", "Write the densities of a run for other programs", export_run);
  export_app->add_option("folder", e->folder, "run folder")->required()->type_name("DIR");
  export_app->add_option("--lhapdf", e->lhapdf, "name of the LHAPDF6 set")
      ->required()
      ->type_name("NAME");
  export_app->add_option("--out", e->out, "where sets lie; default: DIR/lhapdf")
      ->type_name("DIR");
  export_app
      ->add_option("--errors",
                   e->errors,
                   "hessian, replicas, none or auto: replicas if the run has draws")
      ->type_name("KIND")
      ->check(CLI::IsMember({"auto", "hessian", "replicas", "none"}));
  export_app->add_option("--replicas", e->replicas, "at most so many; default 100")
      ->type_name("N")
      ->check(at_least(2, "2 or more"));
  export_app->add_option("--x-min", e->x_min, "lowest x; default 1e-6")
      ->type_name("X")
      ->check(CLI::Range(1e-9, 0.1));
  export_app->add_option("--q-max", e->q_max, "highest Q in GeV; default 1000")
      ->type_name("Q")
      ->check(CLI::PositiveNumber);
  export_app->add_flag("--force", e->force, "replace the set");
}

void Tree::add_studies() {
  const auto [check_app, k] =
      add<CheckCommand>(app_, "check", "Check a study without running it", check);
  study_options(check_app, k->study);
  json_flag(check_app, k->json);

  const auto [identify_app, i] = add<IdentifyCommand>(
      app_, "identify", "What the data can and cannot determine", identify);
  study_options(identify_app, i->study);
  identify_app->add_option("--events", i->events, "records; default: those of the data")
      ->type_name("N")
      ->check(positive());
  repeated(
      identify_app, "--at", i->at, "evaluate at this value; default: truth, or start");
  repeated(identify_app, "--target", i->targets, "records needed for this error");
  json_flag(identify_app, i->json);

  const auto [generate_app, g] = add<GenerateCommand>(
      app_, "generate", "Draw events from a study's theory", generate);
  study_options(generate_app, g->study);
  generate_app->add_option("--events", g->events, "records to draw")
      ->required()
      ->type_name("N")
      ->check(positive());
  generate_app->add_option("--out", g->out, "file: .npy, .npz, .h5 or .csv")
      ->required()
      ->type_name("FILE");
  repeated(generate_app, "--at", g->at, "parameter value; default: the study's truth");
  generate_app->add_flag("--force", g->force, "replace the file");
  quiet_flag(generate_app, g->quiet);
}

void Tree::add_toys() {
  const auto [coverage_app, c] = add<CoverageCommand>(
      app_, "coverage", "How often intervals contain the truth", coverage);
  study_options(coverage_app, c->study);
  coverage_app->add_option("--toys", c->toys, "data sets to draw and fit")
      ->type_name("N")
      ->check(positive());
  coverage_app
      ->add_option("--events", c->events, "records per toy; default: those of the data")
      ->type_name("N")
      ->check(positive());
  coverage_app->add_option("--out", c->out, "write the numbers to this JSON file")
      ->type_name("FILE");
  quiet_flag(coverage_app, c->quiet);
  json_flag(coverage_app, c->json);

  const auto [compare_app, o] = add<CompareCommand>(
      app_, "compare", "Several objectives on the same data, side by side", compare);
  study_options(compare_app, o->study);
  compare_app
      ->add_option(
          "--objectives", o->objectives, "names, with settings as likelihood:form=binned")
      ->required()
      ->type_name("A,B,...");
  compare_app->add_option("--toys", o->toys, "also fit this many toys with each")
      ->type_name("N")
      ->check(at_least_zero());
  compare_app->add_option("--out", o->out, "write the numbers to this JSON file")
      ->type_name("FILE");
  quiet_flag(compare_app, o->quiet);
  json_flag(compare_app, o->json);

  const auto [calibrate_app, a] = add<CalibrateCommand>(
      app_, "calibrate", "Whether intervals hold what they promise", calibrate);
  study_options(calibrate_app, a->study);
  calibrate_app->add_option("--toys", a->toys, "data sets to draw and fit")
      ->type_name("N")
      ->check(at_least(20, "20 or more"));
  calibrate_app
      ->add_option("--events", a->events, "records per toy; default: those of the data")
      ->type_name("N")
      ->check(positive());
  calibrate_app
      ->add_option(
          "--truths", a->truths, "where toys come from: prior (the box) or truth")
      ->type_name("FROM")
      ->check(CLI::IsMember({"prior", "truth"}));
  calibrate_app
      ->add_option("--jitter",
                   a->jitter,
                   "spread of truths around the study's, in widths of the box")
      ->type_name("X")
      ->check(CLI::Range(0.0, 1.0));
  calibrate_app->add_option("--run", a->run, "write the verdict into this run's report")
      ->type_name("DIR");
  calibrate_app
      ->add_option("--out",
                   a->out,
                   "numbers; default: calibration.json, in the run if one is given")
      ->type_name("FILE");
  quiet_flag(calibrate_app, a->quiet);
  json_flag(calibrate_app, a->json);
}

void Tree::add_unfold() {
  const auto [sub, u] = add<UnfoldCommand>(
      app_, "unfold", "Correct measured events for the detector", unfold);
  study_options(sub, u->study);
  sub->add_option("--out", u->out, "run folder; default: runs/<study>-<time>")
      ->type_name("DIR");
  sub->add_flag("--force", u->force, "replace the run in --out");
  quiet_flag(sub, u->quiet);
  json_flag(sub, u->json);
}

void Tree::add_clusters() {
  const auto [slurm_app, s] = add<SlurmCommand>(
      app_, "slurm", "Write a batch script that runs a study on a cluster", slurm);
  study_options(slurm_app, s->study);
  const auto number = [&](const char* name, int& value, const char* about) {
    slurm_app->add_option(name, value, about)->type_name("N")->check(positive());
  };
  number("--nodes", s->nodes, "default 1");
  number("--ranks-per-node", s->ranks_per_node, "default 1");
  number("--cores-per-rank", s->cores_per_rank, "threads of a rank; default 1");
  number("--gpus-per-rank", s->gpus_per_rank, "default 0");
  slurm_app->add_option("--time", s->time, "limit, HH:MM:SS; default 01:00:00");
  slurm_app->add_option("--partition", s->partition, "queue");
  slurm_app->add_option("--account", s->account, "who pays");
  slurm_app->add_option("--run", s->run, "run folder; default: runs/<study>");
  slurm_app->add_option("--out", s->out, "script to write; default: print it");
  slurm_app->add_flag("--force", s->force, "replace the script");

  const auto [scaling_app, m] = add<ScalingCommand>(
      app_, "scaling", "Measure a study on several numbers of ranks", scaling);
  study_options(scaling_app, m->study);
  scaling_app->add_option("--ranks", m->ranks, "numbers of ranks; default 1,2")
      ->delimiter(',')
      ->type_name("N,N,...")
      ->allow_extra_args(false)
      ->check(positive());
  scaling_app->add_flag(
      "--weak", m->weak, "a batch in proportion to the ranks; default: the same for all");
  scaling_app->add_option("--out", m->out, "folder of runs; default: scaling/<study>");
  json_flag(scaling_app, m->json);
}

void Tree::add_components() {
  const auto [list_app, l] =
      add<ListCommand>(app_, "list", "List components, of one kind or all", list);
  list_app->add_option("kind", l->kind, "theory, sampler, solver, ...")
      ->type_name("KIND");
  json_flag(list_app, l->json);

  const auto [describe_app, d] = add<DescribeCommand>(
      app_, "describe", "Show the settings of a component, or of a study", describe);
  describe_app->add_option("name", d->name, "KIND/NAME, study, unfolding or image")
      ->required()
      ->type_name("KIND/NAME");
  json_flag(describe_app, d->json);

  add<SchemaCommand>(app_, "schema", "Print the JSON Schema of study files", schema);
  const auto [doctor_app, o] = add<DoctorCommand>(
      app_, "doctor", "Look at this machine and say what could be better", doctor);
  json_flag(doctor_app, o->json);
}

void Tree::add_data() {
  auto* data = app_.add_subcommand("data", "Look at event files and convert them");
  data->require_subcommand(1);
  const auto [info_app, i] =
      add<DataInfoCommand>(*data, "info", "Show what an event file holds", data_info);
  info_app->add_option("file", i->file, "event file")->required()->type_name("FILE");
  info_app->add_option("--dataset", i->dataset, "array or group in the file");
  json_flag(info_app, i->json);
  const auto [convert_app, v] = add<DataConvertCommand>(
      *data, "convert", "Write events in the format of the new extension", data_convert);
  convert_app->add_option("in", v->in, "event file")->required()->type_name("IN");
  convert_app->add_option("out", v->out, "new file: .npy, .npz, .h5 or .csv")
      ->required()
      ->type_name("OUT");
  convert_app->add_option("--columns", v->columns, "columns to write, in this order")
      ->delimiter(',')
      ->allow_extra_args(false);
  convert_app->add_option("--dataset", v->dataset, "array or group in the file");
  convert_app->add_flag("--force", v->force, "replace the new file");
}

void Tree::add_completion() {
  auto* sub = app_.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  sub->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->type_name("SHELL");
  sub->callback([this, shell] {
    const auto script = completion_script(app_, *shell);
    chosen_ = [script](Program&) {
      std::fputs(script.c_str(), stdout);
      return 0;
    };
  });
}

Command Tree::parse(const std::vector<std::string>& argv) {
  std::vector<std::string> words(argv.rbegin(), argv.rend());
  if (!words.empty()) words.pop_back();
  try {
    app_.parse(words);
  } catch (const CLI::CallForHelp&) {
    const auto* at = &app_;
    std::string above;
    while (!at->get_subcommands().empty()) {
      above += (above.empty() ? "" : " ") + at->get_name();
      at = at->get_subcommands().front();
    }
    return [text = at->help(above)](Program&) {
      std::fputs(text.c_str(), stdout);
      return 0;
    };
  } catch (const CLI::CallForVersion& version) {
    return [text = std::string(version.what())](Program&) {
      fmt::print("{}\n", text);
      return 0;
    };
  } catch (const CLI::ParseError& error) {
    refuse(app_, error);
  }
  return chosen_;
}

}  // namespace

Command parse(const std::vector<std::string>& argv) {
  return Tree().parse(argv);
}

}  // namespace femto::app
