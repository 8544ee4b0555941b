// Probabilities of measured values given true ones, in bins: densities, draws and slopes.
#pragma once
#include <cstddef>
#include <vector>

namespace femto {

/// The density of measured values that stands for the probabilities of their bins.
enum class MeasuredShape {
  steps,   // constant inside each bin: the probabilities are kept exactly
  smooth,  // straight between the middles of bins: nearer to a smooth response
};

/// Migrations of one quantity. Between the middles of true bins densities are linear in
/// the true value, beyond the outermost constant. Const and thread-safe.
class Migration {
 public:
  struct Measured {
    double y, slope;  // dy/dx at fixed u
  };

  /// counts: [true bin][measured bin], of[true bin] events in all; what the sum of a row
  /// lacks is lost. Edges ascend.
  Migration(std::vector<double> true_edges,
            const std::vector<double>& measured_edges,
            const std::vector<std::vector<double>>& counts,
            const std::vector<double>& of,
            MeasuredShape shape);

  /// Between them measured densities are straight.
  const std::vector<double>& measured_edges() const { return edges_; }

  /// Where kernels bend as functions of the true value.
  std::vector<double> middles() const;

  /// Whether any event may be lost.
  bool loses() const;

  /// Probability that an event at x is measured at all.
  double efficiency(double x) const;

  /// Probability density of y at x; its integral is the efficiency.
  double density(double y, double x) const;

  /// False for x so far from y that nothing migrates from there or from farther away.
  bool reaches(double y, double x) const;

  /// The measured value of an event that is not lost; u in (0, 1).
  Measured measure(double x, double u) const;

 private:
  /// Densities of one true bin, straight inside each cell.
  struct Row {
    std::vector<double> left, right;  // [cell]
    std::vector<double> running;      // [edge], integral up to it

    /// Integral up to a fraction of a cell of this width.
    double upto(std::size_t cell, double part, double width) const {
      return running[cell] +
             width * part * (left[cell] + part / 2 * (right[cell] - left[cell]));
    }
  };

  /// Neighbouring true bins between whose middles a value lies, and how far.
  struct Between {
    const Row *low, *high;
    double t, width;  // of the step between the middles; 0: beyond the outermost
  };

  double middle(std::size_t i) const { return (true_edges_[i] + true_edges_[i + 1]) / 2; }

  double width(std::size_t cell) const { return edges_[cell + 1] - edges_[cell]; }

  void find_reach();
  Between between(double x) const;
  static double sum(const Between& at, std::size_t edge);

  /// The cell in which the running sum passes `target`.
  std::size_t cell_of(const Between& at, double target) const;

  std::vector<double> true_edges_, edges_;
  std::vector<Row> rows_;  // [true bin]

  /// Of one cell: the true values between which events come from.
  struct Reach {
    double from, to;
  };

  std::vector<Reach> reach_;  // [cell]
};

/// `bins` equal bins from lo to hi.
std::vector<double> equal_edges(double lo, double hi, std::size_t bins);

/// Bin of a value, ends included, or -1.
std::ptrdiff_t bin_in(const std::vector<double>& edges, double x);

}  // namespace femto
