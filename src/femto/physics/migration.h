// Probabilities of measured values given true ones, in bins: densities, draws and slopes.
#pragma once
#include <cstddef>
#include <vector>

namespace femto {

/// Migrations of one quantity. Inside a measured bin the density is constant; between the
/// middles of true bins it is linear in the true value, beyond the outermost constant.
/// Const and thread-safe.
class Migration {
 public:
  struct Measured {
    double y, slope;  // dy/dx at fixed u
  };

  /// counts: [true bin][measured bin], of[true bin] events in all; what the sum of a row
  /// lacks is lost. Edges ascend.
  Migration(std::vector<double> true_edges,
            std::vector<double> measured_edges,
            const std::vector<std::vector<double>>& counts,
            const std::vector<double>& of);

  const std::vector<double>& measured_edges() const { return measured_edges_; }

  /// Where kernels bend as functions of the true value.
  std::vector<double> middles() const;

  /// Whether any event may be lost.
  bool loses() const;

  /// Probability that an event at x is measured at all.
  double efficiency(double x) const;

  /// Probability density of y at x; its integral is the efficiency.
  double density(double y, double x) const;

  /// The measured value of an event that is not lost; u in (0, 1).
  Measured measure(double x, double u) const;

 private:
  /// Neighbouring true bins between whose middles a value lies, and how far.
  struct Between {
    std::size_t low, high;
    double t, width;  // of the step between the middles; 0: beyond the outermost
  };

  double middle(std::size_t i) const { return (true_edges_[i] + true_edges_[i + 1]) / 2; }

  double width(std::size_t bin) const {
    return measured_edges_[bin + 1] - measured_edges_[bin];
  }

  Between between(double x) const;
  double sum(const Between& at, std::size_t edge) const;
  double whole(const Between& at) const;

  /// The measured bin in which the running sum passes `target`.
  std::size_t bin_of(const Between& at, double target) const;

  std::vector<double> true_edges_, measured_edges_;
  std::vector<std::vector<double>> running_;  // [true bin][measured edge]
};

/// `bins` equal bins from lo to hi.
std::vector<double> equal_edges(double lo, double hi, std::size_t bins);

/// Bin of a value, ends included, or -1.
std::ptrdiff_t bin_in(const std::vector<double>& edges, double x);

}  // namespace femto
