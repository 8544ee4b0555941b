// classifier_test: can a network tell the data from events generated at the estimate?

#include "femto/neural/classifier.h"

#include "femto/config/registry.h"
#include "femto/neural/real_events.h"
#include "femto/neural/simulator.h"
#include "femto/pipeline/analysis.h"

namespace femto {
namespace {

using config::field;

constexpr std::uint64_t test_draw = std::uint64_t{1} << 61;
constexpr std::size_t sets = 16;  // of equal parameters: pieces of work

class ClassifierTest final : public Analysis {
 public:
  struct Config {
    int events = 50'000;
    std::vector<int> hidden = {32, 32};
    int epochs = 30;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::events>(
              {.doc =
                   "events of each kind at most; half of them train the classifier, the "
                   "other half judge it",
               .rule = config::at_least(1000)}),
          field<&Config::hidden>({.doc = "widths of the classifier's hidden layers",
                                  .rule = config::positive}),
          field<&Config::epochs>({.doc = "passes over the training events at most",
                                  .rule = config::positive}),
      };
    }
  };

  explicit ClassifierTest(Config config) : config_(std::move(config)) {}

  Findings examine(const Fitted& fitted, Monitor&) const override {
    using namespace neural;
    const auto& task = fitted.task;
    const auto standard = Standardiser::fit(Scaling::mean_sd, task.theory, task.data);
    auto real = sample_of(task.theory,
                          task.data,
                          standard,
                          static_cast<std::size_t>(config_.events),
                          task.seed);
    const Simulator simulator(task.experiment, task.sampler, standard, task.seed, 0);
    Matrix theta(sets, fitted.theta.size());
    for (std::size_t b = 0; b < sets; ++b)
      std::copy(fitted.theta.begin(), fitted.theta.end(), theta.row(b));
    const std::size_t per_set = real.cols / sets;
    real = first_columns(real, per_set * sets);
    const auto made = simulator.draw(theta, per_set, test_draw).standardised(standard);
    const auto verdict = tell_apart(
        real,
        made,
        {.hidden = config_.hidden, .epochs = config_.epochs, .seed = task.seed});
    return findings(verdict);
  }

 private:
  static Matrix first_columns(const Matrix& m, std::size_t n) {
    Matrix out(m.rows, n);
    for (std::size_t r = 0; r < m.rows; ++r) std::copy_n(m.row(r), n, out.row(r));
    return out;
  }

  static Findings findings(const neural::Verdict& v) {
    Findings out;
    out.key = "classifier_test";
    const bool same = v.auc.value - 0.5 < 3 * v.auc.error;
    const auto note = fmt::format(
        "A network that tries to tell the data from events generated at the estimate "
        "reaches AUC {:.4f} +- {:.4f} on {} unseen events of each kind (0.5: cannot): {}.",
        v.auc.value,
        v.auc.error,
        v.test_events,
        same ? "no difference was found" : "they differ");
    out.result = {{"auc", v.auc.value},
                  {"auc_error", v.auc.error},
                  {"accuracy", v.accuracy},
                  {"events", v.test_events},
                  {"note", note}};
    out.notes.push_back(note);
    return out;
  }

  Config config_;
};

}  // namespace

void register_analysis_classifier_test(Registry& r) {
  r.add<Analysis, ClassifierTest>(
      {.name = "classifier_test",
       .summary = "A classifier is trained to tell the data from events generated at the "
                  "estimate, and judged on events it never saw.",
       .source = "LopezPaz:2017 section 3"});
}

}  // namespace femto
