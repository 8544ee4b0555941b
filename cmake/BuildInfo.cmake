# Writes a C++ file with the git revision at build time; untouched when nothing changed.
# cmake -DSOURCE_DIR=... -DOUT=revision.cc -P BuildInfo.cmake
execute_process(
  COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT
"// Made by cmake/BuildInfo.cmake; do not edit.
namespace femto::build {
const char* revision() { return \"${revision}\"; }
}  // namespace femto::build
")
