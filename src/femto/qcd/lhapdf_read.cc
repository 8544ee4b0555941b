// Reading LHAPDF6 sets, with errors that name file and line.
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/qcd/lhapdf.h"
#include "femto/qcd/text_number.h"

namespace femto::qcd {
namespace {

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
}

/// Lines of a text file, counted.
class Lines {
 public:
  Lines(const std::filesystem::path& file, std::string text)
      : file_(file.string()), text_(std::move(text)) {}

  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    const auto end = std::min(text_.find('\n', at_), text_.size());
    line = trimmed(std::string_view(text_).substr(at_, end - at_));
    at_ = end + 1;
    ++number_;
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}:{}: {}", file_, number_, what),
                    "the file is damaged or no LHAPDF6 grid; fetch or export it again");
  }

  std::string_view need(const char* what) {
    std::string_view line;
    if (!next(line)) {
      ++number_;
      fail(fmt::format("the file ends where {} should stand", what));
    }
    return line;
  }

  /// Every number of the next line.
  std::vector<double> numbers(const char* what) {
    std::vector<double> all;
    auto line = need(what);
    while (!line.empty()) {
      const auto word = line.substr(0, line.find_first_of(" \t"));
      const auto value = text_number(word);
      if (!value || !std::isfinite(*value))
        fail(fmt::format("'{}' is no number ({})", word, what));
      all.push_back(*value);
      line = trimmed(line.substr(word.size()));
    }
    return all;
  }

 private:
  std::string file_, text_;
  std::size_t at_ = 0, number_ = 0;
};

std::string text_of(const std::filesystem::path& file) {
  try {
    return read_file(file);
  } catch (const Error& e) {
    throw DataError(e.what(),
                    "an LHAPDF set is a folder NAME with NAME.info and NAME_0000.dat");
  }
}

LhapdfInfo read_info(const std::filesystem::path& file) {
  Lines lines(file, text_of(file));
  LhapdfInfo info;
  info.origin = file.string();
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || line.starts_with('#') || line == "---") continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) lines.fail("expected 'Key: value'");
    const std::string key(trimmed(line.substr(0, colon)));
    if (info.has(key)) lines.fail(fmt::format("{} is given twice", key));
    std::string value(trimmed(line.substr(colon + 1)));
    while (value.starts_with('[') && !value.ends_with(']'))  // lists may go on
      value += " " + std::string(lines.need("the end of a list"));
    if (value.size() > 1 && value.front() == value.back() &&
        (value.front() == '"' || value.front() == '\''))
      value = value.substr(1, value.size() - 2);
    info.set(key, value);
  }
  return info;
}

void check_knots(const Lines& lines, const std::vector<double>& knots, const char* what) {
  if (knots.size() < 2) lines.fail(fmt::format("fewer than two {} knots", what));
  for (std::size_t i = 0; i < knots.size(); ++i)
    if (!(knots[i] > (i ? knots[i - 1] : 0.0)))
      lines.fail(fmt::format(
          "{} knots must be positive and ascend, {} does not", what, knots[i]));
}

LhapdfSubgrid read_subgrid(Lines& lines, std::vector<double> x) {
  LhapdfSubgrid grid;
  grid.x = std::move(x);
  check_knots(lines, grid.x, "x");
  grid.q_gev = lines.numbers("the knots in Q");
  check_knots(lines, grid.q_gev, "Q");
  for (const double id : lines.numbers("the list of flavours")) {
    if (id != std::round(id)) lines.fail(fmt::format("flavour {} is no integer", id));
    grid.flavours.push_back(static_cast<int>(id));
  }
  for (std::size_t i = 0; i < grid.x.size() * grid.q_gev.size(); ++i) {
    const auto row = lines.numbers("a row of densities");
    if (row.size() != grid.flavours.size())
      lines.fail(fmt::format(
          "{} densities in a row, but {} flavours", row.size(), grid.flavours.size()));
    grid.xf.insert(grid.xf.end(), row.begin(), row.end());
  }
  if (lines.need("--- after a subgrid") != "---")
    lines.fail("expected --- after the last row of a subgrid");
  return grid;
}

LhapdfMember read_member(const std::filesystem::path& file) {
  Lines lines(file, text_of(file));
  LhapdfMember member;
  member.type.clear();
  for (auto line = lines.need("---"); line != "---"; line = lines.need("---")) {
    if (line.starts_with("PdfType:")) member.type = trimmed(line.substr(8));
    if (line.starts_with("Format:") && trimmed(line.substr(7)) != "lhagrid1")
      lines.fail(
          fmt::format("format '{}' (lhagrid1 is understood)", trimmed(line.substr(7))));
  }
  if (member.type.empty()) lines.fail("no PdfType above the first ---");
  for (std::string_view probe; true;) {
    auto rest = lines;  // an end of file here is the end of the member
    if (!rest.next(probe)) break;
    if (probe.empty()) {
      lines = rest;
      continue;
    }
    auto grid = read_subgrid(lines, lines.numbers("the knots in x"));
    if (!member.subgrids.empty()) {
      const auto& before = member.subgrids.back();
      if (grid.x != before.x || grid.q_gev.front() != before.q_gev.back())
        lines.fail("a subgrid does not begin where the one before ends");
    }
    member.subgrids.push_back(std::move(grid));
  }
  if (member.subgrids.empty()) lines.fail("no subgrid");
  return member;
}

}  // namespace

LhapdfSet read_lhapdf_set(const std::filesystem::path& folder) {
  const auto absolute = std::filesystem::absolute(folder / "").parent_path();
  const auto name = absolute.filename().string();
  LhapdfSet set{read_info(absolute / (name + ".info")), {}};
  if (set.info.text("Format") != "lhagrid1")
    throw DataError(fmt::format("{}: Format is '{}' (lhagrid1 is understood)",
                                set.info.origin,
                                set.info.text("Format")));
  const double count = set.info.number("NumMembers");
  if (!(count >= 1 && count == std::round(count)))
    throw DataError(fmt::format("{}: NumMembers is {}", set.info.origin, count));
  for (int i = 0; i < static_cast<int>(count); ++i)
    set.members.push_back(read_member(absolute / fmt::format("{}_{:04}.dat", name, i)));
  return set;
}

}  // namespace femto::qcd
