// A figure of the report: a Vega-Lite specification and the tables it draws.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace femto::report {

/// A column of a table: `key` is its name in the specification, `title` the name that
/// people read (with unit).
struct Column {
  std::string key, title;
};

/// The data of a chart, row by row; every row has one cell per column. Cells are
/// numbers, texts or null.
struct Table {
  std::string name;  // the specification asks for {"data": {"name": name}}
  std::vector<Column> columns;
  std::vector<nlohmann::json> rows;

  /// A cell that is not a finite number becomes null.
  void add(std::initializer_list<nlohmann::json> cells);
};

/// A chart. The page gives every view with "width": "panel" its width: as many panels
/// of at least `panel_width` pixels side by side as there is room for, at most `columns`;
/// with `fixed_columns` always that many (a corner plot).
struct Figure {
  std::string id, title, caption;
  nlohmann::json spec;
  std::vector<Table> tables;
  int columns = 1;
  int panel_width = 260;
  bool fixed_columns = false;
};

/// The figure as the page's script reads it.
nlohmann::json to_json(const Figure& figure);

}  // namespace femto::report
