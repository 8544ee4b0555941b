// The maximum mean discrepancy with a Gaussian kernel between the data and the densities.
#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/pipeline/kernel_distance.h"

namespace femto {
namespace {

using config::field;

class Mmd final : public Objective {
 public:
  struct Config {
    double bandwidth = 0;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::bandwidth>(
              {.doc =
                   "standard deviation of the kernel in widths of the axes; 0: the one "
                   "with the smallest predicted variance",
               .rule = config::between(0, 10)}),
      };
    }
  };

  explicit Mmd(Config config) : config_(config) {
    if (config_.bandwidth > 0 && config_.bandwidth < 0.01)
      throw Error(
          fmt::format("a kernel of bandwidth {} is narrower than the grid that it "
                      "is evaluated on resolves",
                      config_.bandwidth),
          "give 0.01 or more, in widths of the axes, or 0 to let it be chosen");
  }

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    return std::make_unique<KernelCriterion>(m, config_.bandwidth);
  }

  bool is_likelihood() const override { return false; }

 private:
  Config config_;
};

}  // namespace

void register_objective_mmd(Registry& r) {
  r.add<Objective, Mmd>({
      .name = "mmd",
      .summary =
          "Squared maximum mean discrepancy with a Gaussian kernel whose bandwidth "
          "is chosen by the smallest predicted variance.",
      .source = "Gretton:2012; Briol:2019",
  });
}

}  // namespace femto
