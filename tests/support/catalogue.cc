// Walks a registry and the source tree side by side.
#include "tests/support/catalogue.h"

#include <cstdlib>
#include <regex>

#include <gtest/gtest.h>

#include "femto/core/files.h"

namespace femto::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view open_mark = "<!-- settings -->";
constexpr std::string_view close_mark = "<!-- /settings -->";

void check_page(const fs::path& page, const std::string& table) {
  ASSERT_TRUE(fs::exists(page))
      << page << " is missing: two paragraphs by hand, then ./dev docs";
  const auto text = read_file(page);
  const auto from = text.find(open_mark), to = text.find(close_mark);
  ASSERT_TRUE(from != text.npos && to != text.npos && from < to)
      << page << " needs the markers " << open_mark << " and " << close_mark;
  const auto wanted = "\n" + table + (table.empty() || table.back() == '\n' ? "" : "\n");
  const auto begin = from + open_mark.size();
  if (text.substr(begin, to - begin) == wanted) return;
  if (std::getenv("FEMTO_UPDATE"))
    write_file_atomically(page, text.substr(0, begin) + wanted + text.substr(to));
  else
    ADD_FAILURE() << page << ": settings table is stale; run ./dev docs";
}

void check_source(const std::string& name, const std::string& source) {
  if (source == "this project") return;
  static const std::string bibliography = read_file(source_dir() / "docs/references.bib");
  static const std::regex key("[A-Z][A-Za-z-]+:[0-9]{4}[a-z]*");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(source, found, key))
      << name << ": source '" << source
      << "' is neither 'this project' nor a key of docs/references.bib";
  EXPECT_NE(bibliography.find("{" + found.str() + ","), std::string::npos)
      << name << ": " << found.str() << " is not in docs/references.bib";
}

}  // namespace

fs::path source_dir() {
  const char* dir = std::getenv("FEMTO_SOURCE_DIR");
  return dir ? fs::path(dir) : fs::current_path();
}

void check_catalogue(const Registry& registry,
                     const std::string& folder,
                     const std::string& tests,
                     const Registry& elsewhere) {
  const auto root = source_dir();
  int components = 0;
  for (const auto& [kind, shelf] : registry.shelves())
    for (const auto& [name, entry] : shelf) {
      if (elsewhere.shelf(kind).contains(name)) continue;
      if (!fs::exists(root / folder / kind / (name + ".cc"))) {
        ADD_FAILURE() << kind << "/" << name << ": no file " << folder << "/" << kind
                      << "/" << name
                      << ".cc; a component is called what its file is called";
        continue;
      }
      ++components;
      EXPECT_TRUE(fs::exists(root / tests / kind / (name + "_test.cc")))
          << kind << "/" << name << " has no test " << tests << "/" << kind << "/" << name
          << "_test.cc";
      EXPECT_FALSE(entry.about.summary.empty()) << kind << "/" << name;
      for (const auto& setting : entry.settings())
        EXPECT_FALSE(std::string_view(setting.doc).empty())
            << kind << "/" << name << "." << setting.name << " has no doc";
      check_source(kind + "/" + name, entry.about.source);
      check_page(root / "docs/components" / kind / (name + ".md"), entry.table());
    }
  EXPECT_GT(components, 0);
}

}  // namespace femto::test
