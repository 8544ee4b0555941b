// A fully connected network from noise to parameters.
#include "femto/config/registry.h"
#include "femto/pipeline/generator.h"

namespace femto {

namespace {

using config::field;

class Mlp final : public Generator {
 public:
  struct Config {
    int noise = 6;
    double noise_mean = 0.5;
    double noise_sd = 0.3;
    std::vector<int> hidden = {128, 128, 128, 128};
    Activation activation = Activation::leaky_relu;
    double slope = 0.2;
    bool biases = true;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::noise>(
              {.doc = "noise values per parameter set", .rule = config::positive}),
          field<&Config::noise_mean>({.doc = "mean of the normal noise"}),
          field<&Config::noise_sd>(
              {.doc = "standard deviation of the noise", .rule = config::positive}),
          field<&Config::hidden>(
              {.doc = "widths of the hidden layers", .rule = config::positive}),
          field<&Config::activation>({.doc = "function between layers"}),
          field<&Config::slope>(
              {.doc = "slope of leaky_relu below zero", .rule = config::at_least_zero}),
          field<&Config::biases>({.doc = "whether layers have biases"}),
      };
    }
  };

  explicit Mlp(Config config) : config_(std::move(config)) {}

  NoiseSpec noise() const override {
    return {config_.noise, config_.noise_mean, config_.noise_sd};
  }

  NetworkSpec network(int parameters) const override {
    return {config_.noise,
            config_.hidden,
            parameters,
            config_.activation,
            config_.slope,
            config_.biases,
            0};
  }

 private:
  Config config_;
};

}  // namespace

void register_generator_mlp(Registry& r) {
  r.add<Generator, Mlp>(
      {.name = "mlp",
       .summary = "Fully connected network that turns noise into parameters.",
       .source = "Lersch:2025 (settings of the adversarial solver)"});
}

}  // namespace femto
