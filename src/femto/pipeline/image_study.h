// A study of an image: every setting of it, and what was made from them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "femto/config/load.h"
#include "femto/pipeline/image.h"
#include "femto/pipeline/plan.h"

namespace femto {

/// A study file with `image:` instead of `theory:` and `data:`.
struct ImageStudy {
  int femto = 1;
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  int threads = 0;
  Slot<Image> image;
  double null_below = 1e-3;
  int toys = 50;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&ImageStudy::femto>(
            {.doc = "version of the study format", .rule = config::positive}),
        field<&ImageStudy::name>({.doc = "name of the study; default: the file's name"}),
        field<&ImageStudy::about>({.doc = "one sentence for the report"}),
        field<&ImageStudy::seed>({.doc = "key of the toys"}),
        field<&ImageStudy::threads>(
            {.doc = "threads to use; 0 = all cores this process may use. Results do not "
                    "depend on it",
             .rule = config::at_least_zero}),
        field<&ImageStudy::image>(
            {.doc = "what is inferred, its prior and its data", .required = true}),
        field<&ImageStudy::null_below>(
            {.doc = "components about which the data say less than this share of the "
                    "prior information are called null",
             .rule = config::strictly_between(0, 1)}),
        field<&ImageStudy::toys>(
            {.doc = "repetitions of the measurement that test the errors, where the "
                    "truth is known; 0: none",
             .rule = config::at_least_zero}),
    };
  }
};

struct ImagePlan {
  std::filesystem::path file;
  std::string text;  // as given
  std::vector<std::string> overrides;
  ImageStudy study;  // with its name
  std::vector<config::Issue> warnings;
  config::Origin origin;
  std::unique_ptr<Image> image;
  std::string resolved;  // the study with every value
};

/// Whether the study file asks for an image. False for files that cannot be read.
bool is_image_study(const std::filesystem::path& file);

/// Throws ConfigError with every problem of the study.
ImagePlan make_image_plan(const PlanRequest& request, Components& components);

}  // namespace femto
