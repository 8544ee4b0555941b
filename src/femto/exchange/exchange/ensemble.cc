// No exchange: every rank is a member of its own.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class Own final : public Replica {
 public:
  Own(Communicator& group, std::vector<Part> parts) : me_(group, std::move(parts)) {}

  void begin(std::span<float>) override {}

  void weights(std::uint64_t, std::span<float>) override { ++me_.report.steps; }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
};

class Ensemble final : public Exchange {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit Ensemble(Config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::nothing,
            .staleness = 0,
            .identical_every = 0,
            .survives_death = true};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Own>(group, std::move(parts));
  }
};

}  // namespace

void register_exchange_ensemble(Registry& r) {
  r.add<Exchange, Ensemble>({
      .name = "ensemble",
      .summary = "Every rank trains alone; results are combined afterwards.",
      .source = "this project",
  });
}

}  // namespace femto
