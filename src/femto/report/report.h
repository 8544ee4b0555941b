// One self-contained HTML page from the folder of a run, or from several side by side.
#pragma once
#include <filesystem>
#include <span>

namespace femto {

/// Writes the page `out` (it opens offline) from run folders alone. One folder gives the
/// full report; several give a comparison. An empty `out` means "<first
/// folder>/report.html" for one run and "comparison.html" in the current folder for
/// several. Missing parts of a run (an interrupted one, say) are left out and named on
/// the page. Throws Error if a folder is not a run folder.
void write_report(std::span<const std::filesystem::path> run_folders,
                  const std::filesystem::path& out = {});

}  // namespace femto
