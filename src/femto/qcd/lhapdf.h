// Parton densities as LHAPDF6 sets: writing, reading, interpolation.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/qcd/evolution.h"

namespace femto::qcd {

/// The settings of a set, NAME.info, in the order of the file: keys and values as text,
/// lists as "[a, b]".
/// Source: Buckley:2015.
class LhapdfInfo {
 public:
  void set(const std::string& key, std::string value);
  void set(const std::string& key, std::span<const double> values);

  bool has(std::string_view key) const;

  /// These throw DataError naming key and file if the key is missing or no number.
  const std::string& text(std::string_view key) const;
  double number(std::string_view key) const;
  std::vector<double> numbers(std::string_view key) const;

  const std::vector<std::pair<std::string, std::string>>& entries() const {
    return entries_;
  }

  /// In what the messages name.
  std::string origin = "LHAPDF set";

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

/// Every key that a set for other users must have.
const std::vector<std::string_view>& lhapdf_required_keys();

/// Densities between two flavour thresholds.
struct LhapdfSubgrid {
  std::vector<double> x, q_gev;  // ascending knots
  std::vector<int> flavours;     // PDG numbers, the gluon is 21
  std::vector<double> xf;        // [x, q, flavour]
};

/// One NAME_0000.dat: the central value, an eigenvector or a replica.
struct LhapdfMember {
  std::string type = "central";  // "central", "error" or "replica"
  std::vector<LhapdfSubgrid> subgrids;

  /// x f(x, mu2) of a flavour (0 and 21 both mean the gluon; 0 where the file has no such
  /// flavour), cubic in ln x and ln mu2 as in the reference implementation. Throws Error
  /// outside the knots.
  /// Source: Buckley:2015.
  double xf(int flavour, double x, double mu2_gev2) const;
};

struct LhapdfSet {
  LhapdfInfo info;
  std::vector<LhapdfMember> members;
};

/// Writes FOLDER/NAME/NAME.info and one .dat per member, values with ten digits. Number
/// of members, flavours and ranges are taken from the members. Throws Error if a required
/// key is missing or members differ in their knots.
void write_lhapdf_set(const std::filesystem::path& folder,
                      const std::string& name,
                      LhapdfSet set);

/// Reads the set in this folder (its name is that of the set). Throws DataError naming
/// file and line if something is damaged or missing.
LhapdfSet read_lhapdf_set(const std::filesystem::path& folder);

/// One member from densities at every scale of an evolution, [scale, flavour, node], on
/// knots `x`. Thresholds between the scales must be scales themselves: there one subgrid
/// ends and the next begins.
LhapdfMember lhapdf_member(const Evolution& evolution,
                           std::span<const double> densities,
                           std::span<const double> x,
                           const std::string& type = "central");

/// All that an evolution determines of the .info: orders, flavours, masses of thresholds
/// and the coupling at the scales. Texts and the kind of errors remain to be set.
LhapdfInfo lhapdf_info(const Evolution& evolution);

}  // namespace femto::qcd
