// What an image is: functions of two variables, with a prior, and data linear in them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "femto/stats/linear_gaussian.h"

namespace femto {

/// Pixels of one or more pictures, rows along y and columns along x; values are [picture,
/// y, x].
struct Raster {
  std::vector<double> x, y;  // centres, ascending
  std::string x_label, y_label;
  std::vector<std::string> value_labels;  // [picture]

  /// Pixels of one picture.
  std::size_t size() const { return x.size() * y.size(); }
};

/// A number that is linear in the unknowns and worth quoting.
struct Functional {
  std::string name, unit, about;
  std::vector<double> weights;  // [unknown]
};

/// A linear inverse problem, ready to be solved.
struct ImageProblem {
  stats::LinearGaussian model;
  std::vector<double> data;  // [datum]
  Raster raster;             // on which the unknowns are drawn
  Matrix picture;            // [pixel of all pictures, unknown]: their values
  std::vector<Functional> functionals;
  std::vector<double> truth;           // [unknown]; empty when unknown
  std::vector<double> data_x, data_y;  // [datum] where each was measured
  std::vector<double> data_picture;    // [datum] of which picture; empty: the only one
  std::string data_label;              // file or description
  std::string data_checksum;           // empty if there is none
  std::vector<std::string> notes;
};

/// An image that a study asks for.
class Image {
 public:
  static constexpr std::string_view kind = "image";
  virtual ~Image() = default;

  /// Everything but the solution. Throws Error for impossible settings, DataError for
  /// data that cannot be used.
  virtual ImageProblem problem() const = 0;
};

}  // namespace femto
