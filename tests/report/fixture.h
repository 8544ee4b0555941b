// Run folders made from closed forms, to test the report without running a fit.
#pragma once
#include <filesystem>
#include <string>

namespace femto::testing {

struct RunFixture {
  std::string study = "proxy1d";
  std::string status = "done";
  double shift = 0;  // of every estimate, in errors
  bool arrays = true;
  bool result = true;
  bool metrics = true;
  int iterations = 40;
};

/// Writes a whole run folder of the one-dimensional proxy: six parameters of which the
/// two norms are not identified, curves, histograms, draws, profiles and an ensemble.
void write_run(const std::filesystem::path& folder, const RunFixture& fixture = {});

/// A new empty folder below the system's temporary one.
std::filesystem::path temporary_folder(const std::string& name);

}  // namespace femto::testing
