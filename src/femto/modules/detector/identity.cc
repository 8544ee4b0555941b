// The detector that measures what is true.
#include "femto/config/registry.h"
#include "femto/pipeline/detector.h"

namespace femto {
namespace {

class IdentityDetector final : public Detector {
 public:
  struct Config {
    static constexpr auto fields() { return std::tuple{}; }
  };

  explicit IdentityDetector(Config) {}

  std::vector<std::string> columns(const std::vector<std::string>& truth) const override {
    return truth;
  }

  void apply(const Draw&, std::size_t, double* const*) const override {}

  void backward(const Draw&,
                std::size_t,
                const double* const*,
                double* const*) const override {}

  bool is_identity() const override { return true; }
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
