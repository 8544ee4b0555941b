// The matrices that generate evolution with a given number of flavours.
#pragma once
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "femto/qcd/coupling.h"
#include "femto/qcd/kernels.h"

namespace femto::qcd {

/// What the six matrices of a family act between: quark minus antiquark, quark plus
/// antiquark without their flavour average, and the blocks (to, from) of the sum over
/// quarks and antiquarks with the gluon.
enum class Part : std::size_t { minus, plus, qq, qg, gq, gg };

constexpr std::size_t part_count = 6;

/// Six square matrices, column-major, [part, node, x].
class Family {
 public:
  Family() = default;

  explicit Family(std::size_t nodes)
      : nodes_(nodes), numbers_(part_count * nodes * nodes) {}

  std::size_t nodes() const { return nodes_; }

  double* operator[](Part part) {
    return numbers_.data() + static_cast<std::size_t>(part) * nodes_ * nodes_;
  }

  const double* operator[](Part part) const {
    return numbers_.data() + static_cast<std::size_t>(part) * nodes_ * nodes_;
  }

  std::vector<double>& numbers() { return numbers_; }

  const std::vector<double>& numbers() const { return numbers_; }

 private:
  std::size_t nodes_ = 0;
  std::vector<double> numbers_;
};

/// P0, P1 and their commutator for one number of flavours; at leading order P0 alone.
struct Generators {
  Family p0, p1, commutator;
  Order order = Order::lo;

  Generators(const KernelMatrices& kernels, int flavours);

  /// At leading order, from the matrices themselves.
  explicit Generators(Family leading) : p0(std::move(leading)) {}

  /// At next-to-leading order, from the matrices themselves.
  Generators(Family leading, Family next);

  /// Exponent of the evolution over a stretch: dE/dtau = (P0 + a P1) E has the solution
  /// exp(omega) E with omega = tau P0 + first P1 + skew [P0, P1] + higher commutators.
  /// Source: Magnus:1954; Blanes:2009 section 2.
  Family exponent(const RunningTime& time) const;
};

}  // namespace femto::qcd
