// Events of a Gaussian truth, smeared by Gaussians: the set-up with known answers.
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/pipeline/sample.h"

namespace femto {
namespace {

using config::field;

class GaussianSample final : public SampleSource {
 public:
  struct Config {
    std::uint64_t events = 100000;
    double mean = 0, sd = 1;
    std::vector<double> noise = {0.5};
    double efficiency = 1;
    double fakes = 0, fake_mean = 0, fake_sd = 1;
    std::optional<std::uint64_t> seed;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::events>(
              {.doc = "true events, detected or not", .rule = config::positive}),
          field<&Config::mean>({.doc = "mean of the truth"}),
          field<&Config::sd>(
              {.doc = "standard deviation of the truth", .rule = config::positive}),
          field<&Config::noise>({.doc =
                                     "standard deviation of what is added to the truth "
                                     "in each measured column",
                                 .rule = config::at_least_zero}),
          field<&Config::efficiency>(
              {.doc = "probability that an event is detected", .rule = config::fraction}),
          field<&Config::fakes>({.doc = "measured events without truth, per true event",
                                 .rule = config::at_least_zero}),
          field<&Config::fake_mean>({.doc = "mean of fakes in every measured column"}),
          field<&Config::fake_sd>(
              {.doc = "their standard deviation", .rule = config::positive}),
          field<&Config::seed>(
              {.doc = "key of the random numbers; none: from the study's seed"}),
      };
    }
  };

  explicit GaussianSample(Config config) : config_(std::move(config)) {}

  PairedEvents read(const SampleRequest& request) const override {
    if (request.truth.size() != 1 || request.measured.size() != config_.noise.size())
      throw Error(
          fmt::format("a gaussian sample has one true column and {} measured ones "
                      "(its noise), the study asks for {} and {}",
                      config_.noise.size(),
                      request.truth.size(),
                      request.measured.size()),
          "give one noise per measured column");
    const auto stream = random::Stream::named(
        config_.seed.value_or(request.seed),
        request.role == Role::data ? "gaussian data" : "gaussian simulation");
    const auto fakes = static_cast<std::uint64_t>(
        std::llround(config_.fakes * static_cast<double>(config_.events)));
    const std::size_t n = config_.events + fakes, columns = config_.noise.size();
    PairedEvents out{{std::vector<double>(n)},
                     std::vector<std::vector<double>>(columns, std::vector<double>(n)),
                     std::vector<double>(n, 1.0),
                     std::vector<std::uint8_t>(n, 1),
                     std::vector<std::uint8_t>(n, 1)};
    for (std::size_t i = 0; i < n; ++i) {
      const bool fake = i >= config_.events;
      const double z =
          fake ? 0 : config_.mean + config_.sd * random::normal_pair(stream, i)[0];
      out.truth[0][i] = z;
      out.generated[i] = fake ? 0 : 1;
      out.detected[i] =
          fake || random::uniform(stream, i, decision) < config_.efficiency ? 1 : 0;
      for (std::uint32_t c = 0; c < columns; ++c) {
        const double g = random::normal_pair(stream, i, 1 + c)[0];
        if (out.detected[i])
          out.measured[c][i] =
              fake ? config_.fake_mean + config_.fake_sd * g : z + config_.noise[c] * g;
      }
    }
    return out;
  }

  std::string label() const override {
    return fmt::format("generated: N({:g}, {:g})", config_.mean, config_.sd);
  }

 private:
  static constexpr std::uint32_t decision = 1000;  // beyond the axes of the noise

  Config config_;
};

}  // namespace

void register_sample_gaussian(Registry& r) {
  r.add<SampleSource, GaussianSample>({
      .name = "gaussian",
      .summary = "Generated events: a Gaussian truth, smeared by Gaussians.",
      .source = "this project",
  });
}

}  // namespace femto
