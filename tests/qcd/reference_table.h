// Tables of tests/reference: provenance in lines that start with #, a line of names,
// numbers.
#pragma once
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace femto::testing {

struct ReferenceTable {
  std::vector<std::string> names;
  std::vector<std::vector<double>> rows;
  std::vector<std::vector<double>> half_digits;  // half of the last printed digit

  explicit ReferenceTable(const std::string& name) {
    const auto file =
        std::filesystem::path(std::getenv("FEMTO_SOURCE_DIR")) / "tests/reference" / name;
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with('#')) continue;
      std::vector<std::string> cells;
      std::istringstream words(line);
      for (std::string cell; std::getline(words, cell, ',');) cells.push_back(cell);
      if (names.empty()) {
        names = cells;
        continue;
      }
      rows.emplace_back(), half_digits.emplace_back();
      for (const auto& cell : cells) {
        rows.back().push_back(std::stod(cell));
        half_digits.back().push_back(half_digit(cell));
      }
    }
  }

  double at(std::size_t row, const std::string& name) const {
    for (std::size_t c = 0; c < names.size(); ++c)
      if (names[c] == name) return rows[row][c];
    throw std::runtime_error("no column " + name);
  }

  bool has(const std::string& name) const {
    for (const auto& n : names)
      if (n == name) return true;
    return false;
  }

 private:
  static double half_digit(const std::string& cell) {
    const auto e = cell.find_first_of("eE"), dot = cell.find('.');
    const double power = e == std::string::npos ? 0 : std::stod(cell.substr(e + 1));
    const auto digits = static_cast<double>(
        dot == std::string::npos ? 0 : std::min(e, cell.size()) - dot - 1);
    return 0.5 * std::pow(10, power - digits);
  }
};

}  // namespace femto::testing
