// What a detector is: true events become measured ones.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/pipeline/sampler.h"

namespace femto {

class Detector {
 public:
  static constexpr std::string_view kind = "detector";
  virtual ~Detector() = default;

  /// Names of the measured columns, from those of the true ones.
  virtual std::vector<std::string> columns(
      const std::vector<std::string>& truth) const = 0;

  /// Smears n records in place: record[column][n].
  virtual void apply(const Draw& which, std::size_t n, double* const* record) const = 0;

  /// Turns dL/d(measured) into dL/d(true) in place; `truth` are the records before apply.
  virtual void backward(const Draw& which,
                        std::size_t n,
                        const double* const* truth,
                        double* const* upstream) const = 0;

  /// True if measured = true, so that the theory's own density is the measured density.
  virtual bool is_identity() const { return false; }
};

}  // namespace femto
