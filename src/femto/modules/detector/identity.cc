// The detector that measures what is true.
#include <algorithm>

#include "femto/config/registry.h"
#include "femto/pipeline/detector.h"

namespace femto {
namespace {

class IdentityInstrument final : public Instrument {
 public:
  explicit IdentityInstrument(const Theory& theory) : theory_(theory) {}

  const std::vector<Channel>& channels() const override { return theory_.channels(); }

  const std::vector<Nuisance>& nuisances() const override { return none_; }

  bool is_identity() const override { return true; }

  bool loses() const override { return false; }

  void apply(const Draw&,
             std::span<const double>,
             std::size_t n,
             double* const*,
             double* survival) const override {
    if (survival) std::fill_n(survival, n, 1.0);
  }

  void backward(const Draw&,
                std::span<const double>,
                std::size_t,
                const double* const*,
                double* const*) const override {}

  std::unique_ptr<Theory> measured() const override { return nullptr; }

 private:
  const Theory& theory_;
  std::vector<Nuisance> none_;
};

class IdentityDetector final : public Detector {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit IdentityDetector(Config) {}

  std::unique_ptr<Instrument> on(const Theory& theory) const override {
    return std::make_unique<IdentityInstrument>(theory);
  }
};

}  // namespace

void register_detector_identity(Registry& r) {
  r.add<Detector, IdentityDetector>({
      .name = "identity",
      .summary = "Measured events are the true ones.",
      .source = "this project",
  });
}

}  // namespace femto
