// The commands of the program: what each is given, and the function that does it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "femto/exchange/communicator.h"
#include "femto/pipeline/components.h"

namespace femto::app {

using std::filesystem::path;

/// What commands share; made by main().
struct Program {
  std::vector<std::string> argv;
  Components components;
  path run_folder;  // of the run in progress, for error messages

  /// The ranks of an mpirun or srun, for commands that share their work.
  std::optional<exchange::Communicator> world = {};

  bool leads() const { return !world || world->rank() == 0; }
};

/// A study with changes to it.
struct StudyArguments {
  path file;
  std::vector<std::string> overrides;
  std::vector<path> plugins;
  std::optional<std::uint64_t> seed;
  std::optional<int> threads;
};

struct RunCommand {
  StudyArguments study;
  path out;
  bool force = false, quiet = false, json = false;
};

struct ResumeCommand {
  path folder;
  std::optional<int> threads;
  bool quiet = false, json = false;
};

struct CheckCommand {
  StudyArguments study;
  bool json = false;
};

struct IdentifyCommand {
  StudyArguments study;
  std::optional<double> events;
  std::vector<std::string> at, targets;  // name=value
  bool json = false;
};

struct GenerateCommand {
  StudyArguments study;
  std::uint64_t events = 0;
  path out;
  std::vector<std::string> at;  // name=value
  bool force = false, quiet = false;
};

struct CoverageCommand {
  StudyArguments study;
  int toys = 100;
  std::optional<std::uint64_t> events;
  path out;
  bool quiet = false, json = false;
};

struct CompareCommand {
  StudyArguments study;
  std::string objectives;  // comma-separated, as split_objectives() reads them
  int toys = 0;
  path out;
  bool quiet = false, json = false;
};

struct CalibrateCommand {
  StudyArguments study;
  int toys = 100;
  std::optional<std::uint64_t> events;
  std::string truths = "prior";
  double jitter = 0.02;
  path run, out;
  bool quiet = false, json = false;
};

struct UnfoldCommand {
  StudyArguments study;
  path out;
  bool force = false, quiet = false, json = false;
};

struct ReportCommand {
  std::vector<path> folders;
  path out;
};

struct ExportCommand {
  path folder, out;
  std::string lhapdf, errors = "auto";
  std::size_t replicas = 100;
  double x_min = 1e-6, q_max = 1000;
  bool force = false;
};

struct SlurmCommand {
  StudyArguments study;
  int nodes = 1, ranks_per_node = 1, cores_per_rank = 1, gpus_per_rank = 0;
  std::string time = "01:00:00", partition, account;
  path run, out;  // run folder of the job; script to write, empty: print it
  bool force = false;
};

struct ScalingCommand {
  StudyArguments study;
  std::vector<int> ranks = {1, 2};
  bool weak = false, json = false;
  path out;
};

struct ListCommand {
  std::string kind;
  bool json = false;
};

struct DescribeCommand {
  std::string name;
  bool json = false;
};

struct SchemaCommand {};

struct DataInfoCommand {
  path file;
  std::string dataset;
  bool json = false;
};

struct DataConvertCommand {
  path in, out;
  std::string dataset;
  std::vector<std::string> columns;
  bool force = false;
};

struct DoctorCommand {
  bool json = false;
};

// Each returns the exit code of the program.
int run(const RunCommand& c, Program& program);
int resume(const ResumeCommand& c, Program& program);
int check(const CheckCommand& c, Program& program);
int identify(const IdentifyCommand& c, Program& program);
int generate(const GenerateCommand& c, Program& program);
int coverage(const CoverageCommand& c, Program& program);
int compare(const CompareCommand& c, Program& program);
int calibrate(const CalibrateCommand& c, Program& program);
int unfold(const UnfoldCommand& c, Program& program);
int report(const ReportCommand& c, Program& program);
int export_run(const ExportCommand& c, Program& program);
int slurm(const SlurmCommand& c, Program& program);
int scaling(const ScalingCommand& c, Program& program);
int list(const ListCommand& c, Program& program);
int describe(const DescribeCommand& c, Program& program);
int schema(const SchemaCommand& c, Program& program);
int data_info(const DataInfoCommand& c, Program& program);
int data_convert(const DataConvertCommand& c, Program& program);
int doctor(const DoctorCommand& c, Program& program);

}  // namespace femto::app
