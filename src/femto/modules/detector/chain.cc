// A detector made of stages that follow each other.
#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/pipeline/annotated.h"
#include "femto/pipeline/folded.h"

namespace femto {
namespace {

using config::field;

/// Steps in order, each with its own random numbers and nuisance parameters.
class ChainInstrument final : public Instrument, public Annotated {
 public:
  ChainInstrument(const Theory& truth,
                  const std::vector<std::unique_ptr<Stage>>& stages,
                  std::vector<std::string> names)
      : truth_(truth), names_(std::move(names)), columns_(columns_of(truth).size()) {
    auto channels = truth.channels();
    for (std::size_t s = 0; s < stages.size(); ++s) {
      try {
        steps_.push_back(stages[s]->after(channels));
      } catch (const Error& error) {
        throw Error(fmt::format("stages[{}]: {}", s, error.what()), error.hint());
      }
      check_order(channels, s);
      channels = steps_.back()->channels();
      for (const auto& nuisance : steps_.back()->nuisances())
        nuisances_.push_back(nuisance);
    }
    measured_ = folded();
  }

  const std::vector<Channel>& channels() const override { return measured_->channels(); }

  const std::vector<Nuisance>& nuisances() const override { return nuisances_; }

  bool is_identity() const override { return false; }

  bool loses() const override {
    return std::ranges::any_of(steps_, [](const auto& step) { return step->loses(); });
  }

  void apply(const Draw& which,
             std::span<const double> nu,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    if (survival) std::fill_n(survival, n, 1.0);
    for (std::size_t s = 0; s < steps_.size(); ++s)
      steps_[s]->apply(own(which, s), part(nu, s), n, record, survival);
  }

  void backward(const Draw& which,
                std::span<const double> nu,
                std::size_t n,
                const double* const* truth,
                double* const* upstream) const override {
    // What every step received, from the truth on.
    std::vector<Matrix> before(steps_.size(), Matrix(columns_, n));
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      for (std::size_t c = 0; c < columns_; ++c)
        std::copy_n(s == 0 ? truth[c] : before[s - 1].row(c), n, before[s].row(c));
      if (s > 0)
        steps_[s - 1]->apply(
            own(which, s - 1), part(nu, s - 1), n, rows(before[s]).data(), nullptr);
    }
    for (std::size_t s = steps_.size(); s-- > 0;) {
      const auto in = rows(before[s]);
      const std::vector<const double*> fixed(in.begin(), in.end());
      steps_[s]->backward(own(which, s), part(nu, s), n, fixed.data(), upstream);
    }
  }

  std::unique_ptr<Theory> measured() const override { return folded(); }

  std::shared_ptr<const Theory> resampled(const random::Stream& stream) const override {
    auto other = std::make_shared<Resampled>();
    std::vector<const Step*> steps;
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      auto step = steps_[s]->resampled(
          random::Stream::named(stream.seed, "resampled stage", s, stream.id));
      steps.push_back(step ? step.get() : steps_[s].get());
      if (step) other->steps.push_back(std::move(step));
    }
    if (other->steps.empty()) return {};
    other->theory = std::make_unique<FoldedTheory>(truth_, std::move(steps));
    return {other, other->theory.get()};
  }

  std::vector<Survival> survival(std::span<const double> theta) const override {
    const auto kept = measured_->kept(theta);
    std::vector<Survival> out;
    for (std::size_t s = 0; s < steps_.size(); ++s)
      if (steps_[s]->loses()) out.push_back({names_[s], kept[s]});
    return out;
  }

  std::vector<std::string> notes() const override {
    std::vector<std::string> out;
    for (std::size_t s = 0; s < steps_.size(); ++s)
      for (const auto& note : notes_of(*steps_[s]))
        out.push_back(fmt::format("{}: {}", names_[s], note));
    return out;
  }

 private:
  /// Steps made from other simulated samples, and what they make of the truth.
  struct Resampled {
    std::vector<std::unique_ptr<Step>> steps;
    std::unique_ptr<FoldedTheory> theory;
  };

  std::unique_ptr<FoldedTheory> folded() const {
    std::vector<const Step*> steps;
    for (const auto& step : steps_) steps.push_back(step.get());
    return std::make_unique<FoldedTheory>(truth_, std::move(steps));
  }

  /// Densities behind a cut that ties columns together have no smooth edge to be folded.
  void check_order(const std::vector<Channel>& before, std::size_t s) const {
    const bool tied = std::ranges::any_of(
        before, [](const Channel& c) { return static_cast<bool>(c.keeps); });
    if (tied && !steps_[s]->only_loses())
      throw Error(fmt::format("{}: comes after a selection that ties two columns "
                              "together, where only cuts and efficiencies can stand",
                              names_[s]),
                  "put the selection behind it");
  }

  static std::vector<double*> rows(Matrix& m) {
    std::vector<double*> out;
    for (std::size_t r = 0; r < m.rows; ++r) out.push_back(m.row(r));
    return out;
  }

  static Draw own(const Draw& which, std::size_t s) {
    return {random::Stream::named(which.stream.seed, "stage", s, which.stream.id),
            which.first};
  }

  std::span<const double> part(std::span<const double> nu, std::size_t s) const {
    std::size_t first = 0;
    for (std::size_t i = 0; i < s; ++i) first += steps_[i]->nuisances().size();
    return nu.subspan(first, steps_[s]->nuisances().size());
  }

  const Theory& truth_;
  std::vector<std::string> names_;  // [stage]
  std::size_t columns_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<Nuisance> nuisances_;
  std::unique_ptr<FoldedTheory> measured_;
};

class Chain final : public Detector {
 public:
  struct Config {
    std::vector<Slot<Stage>> stages;

    static constexpr auto fields() {
      return std::tuple{field<&Config::stages>({.doc = "what happens to events, in order",
                                                .rule = config::not_empty,
                                                .required = true})};
    }
  };

  explicit Chain(const Config& config) {
    for (const auto& slot : config.stages) {
      names_.push_back(fmt::format("stages[{}] {}", stages_.size(), slot.type));
      stages_.push_back(slot.build());
    }
  }

  std::unique_ptr<Instrument> on(const Theory& theory) const override {
    return std::make_unique<ChainInstrument>(theory, stages_, names_);
  }

 private:
  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<std::string> names_;
};

}  // namespace

void register_detector_chain(Registry& r) {
  r.add<Detector, Chain>({
      .name = "chain",
      .summary = "Stages in any order: resolution, efficiency, cuts, background.",
      .source = "this project",
  });
}

}  // namespace femto
