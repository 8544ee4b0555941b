// Series and curves of a run, ready to be drawn.
#pragma once
#include <string>
#include <vector>

#include "femto/report/figure.h"
#include "femto/report/record.h"

namespace femto::report {

/// One quantity of metrics.jsonl against the iteration, of one step and member.
struct Series {
  std::string label;  // "fit", "member 3"
  std::vector<double> iteration, value;
};

/// All series of the quantity `key`; "theta.<name>" finds {"theta": {"<name>": …}} too.
std::vector<Series> series(const Record& record, const std::string& key);

/// Keys of the numbers in metrics.jsonl that `wanted` accepts, sorted.
std::vector<std::string> metric_keys(const Record& record,
                                     bool (*wanted)(const std::string& key));

/// One panel per key over the table "series" (columns panel, series, iteration, value).
/// At most 2000 points per panel; extremes are kept.
struct Panels {
  nlohmann::json specs = nlohmann::json::array();
  Table table;
};

enum class Scale { linear, logarithmic };

/// Adds the panel of one quantity; false (and nothing added) if there is no such series.
bool add_series_panel(Panels& panels,
                      const Record& record,
                      const std::string& key,
                      const std::string& title,
                      Scale scale,
                      double offset = 0);

/// The name of every column of a [draw, parameter] array: the parameters, or the
/// parameters and then the derived quantities. Empty if the width fits neither.
std::vector<Parameter> columns_of(const Record& record, const io::Array& draws);

/// Column `j` of a [row, column] array.
std::vector<double> column(const io::Array& matrix, std::size_t j);

}  // namespace femto::report
