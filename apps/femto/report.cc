// femto report: the page of one run, or of several side by side.
#include "femto/report/report.h"

#include "commands.h"
#include <fmt/format.h>

namespace femto::app {

int report(const ReportCommand& c, Program&) {
  auto out = c.out;
  if (out.empty())
    out = c.folders.size() == 1 ? c.folders[0] / "report.html" : "comparison.html";
  write_report(c.folders, out);
  fmt::print("report: {}\n", out.string());
  return 0;
}

}  // namespace femto::app
