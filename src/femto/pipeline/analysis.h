// What an analysis is: a finished fit becomes numbers, arrays and sentences of the
// report.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/arrays.h"
#include "femto/pipeline/solver.h"

namespace femto {

/// What analyses may look at. `truth` is empty when unknown; only the report may use it.
struct Fitted {
  const Task& task;
  const Fit& fit;
  const std::vector<Fit>& members;  // of the ensemble; one if there is none
  std::vector<double> theta;        // the estimate [parameter]
  Matrix covariance;          // [parameter, parameter]; nothing along null directions
  std::vector<double> truth;  // [parameter] or empty
};

struct Findings {
  nlohmann::ordered_json result;  // merged into result.json under `key`
  std::string key;
  std::vector<io::Array> arrays;  // written to arrays.h5
  std::vector<std::string> notes;
};

class Analysis {
 public:
  static constexpr std::string_view kind = "analysis";
  virtual ~Analysis() = default;

  /// Throws Error if it can find nothing out about this theory of measured events or
  /// this objective. Called before the fit.
  virtual void check(const Theory&, const Objective&) const {}

  /// Whether it works on a data set whose events are spread over ranks.
  virtual bool takes_spread_data() const { return false; }

  virtual Findings examine(const Fitted& fitted, Monitor& monitor) const = 0;
};

}  // namespace femto
