// A study that has been read, checked and built: everything a run needs.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "femto/config/load.h"
#include "femto/pipeline/components.h"
#include "femto/pipeline/study.h"

namespace femto {

/// Whether the data must be there: `identify --events N` works before any are taken.
enum class DataUse { required, optional };

struct PlanRequest {
  std::filesystem::path file;          // the study
  std::vector<std::string> overrides;  // key.path=value
  std::vector<std::filesystem::path> plugins;
  DataUse data = DataUse::required;
};

/// What goes into one component and what comes out, for the table of `femto check`.
struct Wire {
  std::string kind, name, takes, gives;
};

struct Plan {
  std::filesystem::path file;
  std::string text;  // as given
  std::vector<std::string> overrides;
  config::Origin origin;
  std::vector<config::Issue> warnings;
  Study study;  // with name and analyses filled in
  std::unique_ptr<Source> source;
  std::unique_ptr<Theory> theory;
  std::unique_ptr<Sampler> sampler;
  std::unique_ptr<Detector> detector;
  std::unique_ptr<Experiment> experiment;  // theory and detector
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Generator> generator;  // null when the study has none
  std::unique_ptr<Amortiser> amortiser;  // null when the study has none
  std::unique_ptr<Solver> solver;
  std::unique_ptr<Exchange> exchange;  // null when the study has none
  std::vector<std::unique_ptr<Analysis>> analyses;
  ParameterSetup setup;
  std::vector<double> truth;  // [parameter] or empty
  SourceInfo info;            // rows 0 and no label if the data are not there
  SideInformation side;
  std::vector<Wire> wires;
  std::vector<Plugin> plugins;

  /// Densities of the measured events: what is fitted. `theory` is what is true.
  const Theory& fitted() const { return experiment->measured(); }

  std::string resolved;  // the study with every value: running it reproduces the run
};

/// Reads and checks a study, opening plugins only if it names a component that is not
/// built in. Throws ConfigError with every problem of the study, or DataError if only the
/// data are wrong. Nothing expensive is done.
Plan make_plan(const PlanRequest& request, Components& components);

}  // namespace femto
