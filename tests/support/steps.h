// Steps of detectors on their own, for tests of stages.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/support/build.h"

#include "femto/pipeline/stage.h"

namespace femto::testing {

/// A step on two channels of one axis each, x1 and x2, in [0.1, 1].
inline std::unique_ptr<Step> step(const std::string& yaml) {
  const std::vector<Channel> channels{{"one", {{"x1", "", 0.1, 1}}},
                                      {"two", {{"x2", "", 0.1, 1}}}};
  return build<Stage>(yaml)->after(channels);
}

struct Records {
  std::vector<double> x1, x2, survival;

  explicit Records(std::vector<double> values)
      : x1(values), x2(values), survival(values.size(), 1.0) {}

  void pass(const Step& step, std::vector<double> nu = {}, std::uint64_t first = 0) {
    double* record[] = {x1.data(), x2.data()};
    step.apply({random::Stream{9, 3}, first}, nu, x1.size(), record, survival.data());
  }
};

}  // namespace femto::testing
