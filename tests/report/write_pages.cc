// Writes run folders and their reports below a folder, for the browser test.
#include <array>
#include <cstdio>
#include <exception>

#include "tests/report/fixture.h"

#include "femto/report/report.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    const std::filesystem::path folder = arguments[1];
    using femto::testing::write_run;
    write_run(folder / "full",
              {.study = "<script>document.title='broken'</script> & \"more\""});
    write_run(folder / "second", {.study = "proxy1d", .shift = 0.7, .iterations = 25});
    write_run(folder / "interrupted",
              {.status = "interrupted", .arrays = false, .result = false});
    write_run(folder / "failed",
              {.status = "failed", .arrays = false, .result = false, .metrics = false});
    for (const char* name : {"full", "interrupted", "failed"})
      femto::write_report(std::array{folder / name});
    femto::write_report(std::array{folder / "full", folder / "second"},
                        folder / "comparison.html");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
