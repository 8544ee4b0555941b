// Solves an image and says how much of it the data determine.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/arrays.h"
#include "femto/pipeline/image_study.h"
#include "femto/pipeline/run_folder.h"

namespace femto {

/// Components of an image by what determines them: their number, in the order of
/// falling information. Data say more than the prior about the first, less about the
/// next, and next to nothing about the last.
struct Determined {
  std::size_t by_data = 0, by_prior = 0, null = 0;
};

/// Counts information above 1, above `null_below`, and the rest.
Determined determined(const stats::Components& components, double null_below);

/// A functional of the image: posterior, prior width, and truth where it is known.
struct Quantified {
  double value = 0, sd = 0, prior_sd = 0, truth = 0;
};

/// What part of a picture's prior variance lies in components of each kind, and what part
/// of all of it the data leave.
struct Shares {
  double by_data = 0, by_prior = 0, null = 0, left = 0;
};

/// The image and what is known of it; pixels are [picture, y, x].
struct ImageFit {
  Determined count;
  std::vector<double> information, estimate;      // [component]
  std::vector<double> mean, sd, prior_sd, truth;  // [pixel]; no truth: empty
  std::vector<Shares> shares;                     // [picture]
  std::vector<Quantified> functionals;
  std::vector<double> known;  // [component] true coordinates of those by data
  std::vector<double> chi2;   // [component by data] mean over toys; empty: no toys
  double data_chi2 = 0;       // of the data at the estimate
};

ImageFit solve(const ImageProblem& problem, const ImageStudy& study);

/// What the run folder holds of a fit.
std::vector<io::Array> arrays_of(const ImageProblem& problem, const ImageFit& fit);

/// Makes the run folder and everything in it but the report; result.json is returned.
nlohmann::ordered_json run_image(const ImagePlan& plan,
                                 const std::filesystem::path& folder,
                                 ExistingRun existing,
                                 const std::vector<std::string>& argv);

}  // namespace femto
