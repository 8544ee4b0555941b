// Settings of adversarial training and the loop that runs it.
#pragma once
#include <string_view>
#include <tuple>
#include <vector>

#include "femto/config/field.h"
#include "femto/neural/gpu.h"
#include "femto/neural/standardise.h"
#include "femto/pipeline/solver.h"

namespace femto::neural {

struct DiscriminatorSettings {
  std::vector<int> hidden = {128, 128, 128, 128};
  Activation activation = Activation::leaky_relu;
  double slope = 0.2;
  double dropout = 0;
  bool biases = true;
  bool spectral_norm = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&DiscriminatorSettings::hidden>(
            {.doc = "widths of the hidden layers", .rule = config::positive}),
        field<&DiscriminatorSettings::activation>({.doc = "function between layers"}),
        field<&DiscriminatorSettings::slope>(
            {.doc = "slope of leaky_relu below zero", .rule = config::at_least_zero}),
        field<&DiscriminatorSettings::dropout>(
            {.doc =
                 "probability to drop a hidden unit; published 0.05 to 0.1, slow and of "
                 "no use for small dense networks",
             .rule = config::between(0, 0.9)}),
        field<&DiscriminatorSettings::biases>({.doc = "whether layers have biases"}),
        field<&DiscriminatorSettings::spectral_norm>(
            {.doc = "divide every weight matrix by its largest singular value, which "
                    "bounds how steep the network can be"}),
    };
  }
};

struct GanSettings {
  DiscriminatorSettings discriminator;
  int parameter_samples = 64;
  int events_per_sample = 64;
  int iterations = 3000;
  double minutes = 0;
  double learning_rate_generator = 1e-3;
  double learning_rate_discriminator = 1e-3;
  double learning_rate_end = 0.05;
  double beta1 = 0.5;
  double beta2 = 0.999;
  int discriminator_steps = 1;
  double average = 0.995;
  double bias_sd = 0;
  Scaling standardise = Scaling::mean_sd;
  double held_out = 0.1;
  int evaluate_every = 100;
  int patience = 0;
  Device device = Device::automatic;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&GanSettings::discriminator>({.doc = "network that judges events"}),
        field<&GanSettings::parameter_samples>(
            {.doc = "parameter sets per batch (published: 256 to 1024)",
             .rule = config::positive}),
        field<&GanSettings::events_per_sample>(
            {.doc =
                 "events per parameter set; the real batch is as large as all generated "
                 "events (published: 1 to 100)",
             .rule = config::positive}),
        field<&GanSettings::iterations>(
            {.doc = "generator steps (published: 10,000 to 400,000)",
             .rule = config::positive}),
        field<&GanSettings::minutes>(
            {.doc =
                 "stop after this time; 0 = no limit. A run that hits it depends on the "
                 "speed of the machine",
             .unit = "min",
             .rule = config::at_least_zero}),
        field<&GanSettings::learning_rate_generator>(
            {.doc = "Adam's step size at the start (published: 1e-5)",
             .rule = config::positive}),
        field<&GanSettings::learning_rate_discriminator>(
            {.doc = "Adam's step size at the start (published: 1e-4)",
             .rule = config::positive}),
        field<&GanSettings::learning_rate_end>(
            {.doc = "factor of both step sizes at the last iteration, reached along a "
                    "half cosine; 1 = constant, as published",
             .rule = config::between(0, 1)}),
        field<&GanSettings::beta1>({.doc = "Adam's decay of the mean gradient",
                                    .rule = config::between(0, 0.9999)}),
        field<&GanSettings::beta2>({.doc = "Adam's decay of the mean squared gradient",
                                    .rule = config::between(0, 0.99999)}),
        field<&GanSettings::discriminator_steps>(
            {.doc = "discriminator steps per generator step, each on fresh events",
             .rule = config::positive}),
        field<&GanSettings::average>(
            {.doc = "decay per step of the running average of the generator's weights, "
                    "which gives the result; 0 = the last weights, as published",
             .rule = config::between(0, 0.99999)}),
        field<&GanSettings::bias_sd>(
            {.doc = "standard deviation of the biases at the start; 0 = all zero",
             .rule = config::at_least_zero}),
        field<&GanSettings::standardise>(
            {.doc = "change of variables before the discriminator, fitted once to the "
                    "data: none, mean_sd (mean 0, spread 1), log_odds (of the position "
                    "within the axis, then mean_sd)"}),
        field<&GanSettings::held_out>(
            {.doc = "fraction of the data kept from training, for choosing the best "
                    "iteration",
             .rule = config::between(0.001, 0.9)}),
        field<&GanSettings::evaluate_every>(
            {.doc = "iterations between evaluations of the distance to held-out data",
             .rule = config::positive}),
        field<&GanSettings::patience>(
            {.doc =
                 "evaluations in a row worse than the best after which training stops; "
                 "0 = never before the end",
             .rule = config::at_least_zero}),
        field<&GanSettings::device>(
            {.doc = "where events are made and judged: cpu, cuda (an NVIDIA GPU, with a "
                    "build that has the kernels), auto (the GPU if there is one and "
                    "every part of the study has kernels)"}),
    };
  }
};

/// Plays the game to its end. The monitor gets a line "train" per evaluation.
Fit train_gan(const GanSettings& settings, const Task& task, Monitor& monitor);

}  // namespace femto::neural
