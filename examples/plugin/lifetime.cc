// A theory in one file: decay times in a window, over a flat background.
//
// sigma(t) = (1 - b) exp(-t / tau) / tau + b / window, two parameters tau and b.
#include <cmath>

#include "femto/config/registry.h"
#include "femto/pipeline/formula.h"

namespace {

using namespace femto;

struct Lifetime {
  struct Config {
    double window = 10;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::window>(
          {.doc = "length of the time window", .unit = "ns", .rule = config::positive})};
    }
  };

  static constexpr std::size_t size = 2;  // parameters

  Config config;

  std::vector<Parameter> parameters() const {
    return {{"tau", 0.1, 20, 3, "ns", "mean lifetime"},
            {"background", 0, 1, 0.2, "", "fraction of flat background"}};
  }

  std::vector<Channel> channels() const {
    return {{"decays", {{"t", "ns", 0, config.window, Grading::uniform}}}};
  }

  template <class T>
  T log_density(std::size_t, const T* theta, const double* x) const {
    using std::exp;
    using std::log;
    const T decay = exp(-x[0] / theta[0]) / theta[0];
    return log((1.0 - theta[1]) * decay + theta[1] / config.window);
  }
};

}  // namespace

extern "C" void femto_register(Registry& r) {
  r.add<Theory, FormulaTheory<Lifetime>>({
      .name = "lifetime",
      .summary = "Exponential decay over a flat background.",
      .source = "this project",
  });
}
