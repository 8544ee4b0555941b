// The likelihood of the events' shapes, unbinned or binned.
#include <array>

#include "femto/config/registry.h"
#include "femto/pipeline/binned.h"
#include "femto/pipeline/unbinned.h"

namespace femto {
namespace {

using config::field;

enum class Form { unbinned, binned };

constexpr std::array<std::pair<std::string_view, Form>, 2> names(Form) {
  return {{{"unbinned", Form::unbinned}, {"binned", Form::binned}}};
}

class Likelihood final : public Objective {
 public:
  struct Config {
    Form form = Form::unbinned;
    std::uint64_t bins = 0;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::form>(
              {.doc = "unbinned: every event, kept in memory; binned: counts in equal "
                      "bins, one pass over any number of events"}),
          field<&Config::bins>(
              {.doc = "bins on each axis; 0: 1000 for one axis, 100 for two",
               .rule = config::at_least_zero}),
      };
    }

    void check(config::Issues& issues) const {
      if (form == Form::unbinned && bins > 0)
        issues.add("bins", "does nothing with form: unbinned; set form: binned as well");
    }
  };

  explicit Likelihood(Config config) : config_(config) {}

  std::unique_ptr<Criterion> bind(const Material& m) const override {
    if (config_.form == Form::binned)
      return std::make_unique<BinnedLikelihood>(
          m.density.theory(), m.data, m.weighting, config_.bins);
    return std::make_unique<UnbinnedLikelihood>(m.density, m.data, m.weighting);
  }

  bool is_likelihood() const override { return true; }

  bool takes_spread_data() const override { return true; }

 private:
  Config config_;
};

}  // namespace

void register_objective_likelihood(Registry& r) {
  r.add<Objective, Likelihood>({
      .name = "likelihood",
      .summary = "Minus the log-likelihood of the normalised densities at the events, "
                 "unbinned or in bins.",
      .source = "Baker:1984 (binned); Fisher:1922 (unbinned)",
  });
}

}  // namespace femto
