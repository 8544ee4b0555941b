// A fitted result as a set of parton densities for other programs.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "femto/pipeline/plan.h"

namespace femto {

/// What the members after the central one say; `automatic`: replicas if the run has draws
/// from a posterior or bootstrap members, else Hessian.
enum class SetErrors { automatic, none, hessian, replicas };

struct DensitySetRequest {
  std::string name;
  SetErrors errors = SetErrors::automatic;
  std::size_t replicas = 100;  // at most
  double x_min = 1e-6;
  double q_max_gev = 1000;
};

/// A result, ready to be written.
struct DensitySet {
  std::string name;
  std::string about;  // one line
  SetErrors errors = SetErrors::none;
  std::vector<double> estimate;             // [parameter] of the theory
  std::vector<std::vector<double>> others;  // [member, parameter]; hessian: shifts of one
                                            // standard deviation
  double x_min = 0, q_max_gev = 0;
  std::vector<std::string> notes;  // what members hold, and where they come from
};

/// What a theory of parton densities may be beside a Theory.
class WritesDensities {
 public:
  virtual ~WritesDensities() = default;

  /// Writes FOLDER/NAME in the format LHAPDF6. Throws Error for a range that evolution
  /// cannot cover.
  virtual void write(const DensitySet& set,
                     const std::filesystem::path& folder) const = 0;
};

/// The theory of a plan as one of densities. Throws Error if it is none.
const WritesDensities& densities_of(const Plan& plan);

/// From the folder of a finished run of this plan. Hessian members are eigenvectors of
/// the fit's correlations, times its errors: what data do not determine or the study
/// holds does not move. Throws Error if the run has no such errors.
DensitySet density_set_of(const Plan& plan,
                          const std::filesystem::path& run,
                          const DensitySetRequest& request);

}  // namespace femto
