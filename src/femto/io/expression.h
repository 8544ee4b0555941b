// Formulas over named columns, as `x > 0.1 && W2 > 4`.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace femto::io {

/// A formula of numbers, names of columns, + - * / ^, comparisons, &&, ||, ?: and the
/// usual functions (sqrt, exp, ln, log10, abs, min, max, ...). Const and thread-safe.
class Expression {
 public:
  /// `names` are the columns there are. Throws Error that shows the place of a mistake.
  Expression(std::string text, const std::vector<std::string>& names);

  const std::string& text() const { return text_; }

  /// Columns that it needs: their numbers among `names`, ascending.
  const std::vector<std::size_t>& used() const { return used_; }

  /// out[i] = its value in row i; columns[name][row], those not used may be null.
  void evaluate(std::size_t n, const double* const* columns, double* out) const;

 private:
  std::string text_;
  std::vector<std::string> names_;  // of the columns used
  std::vector<std::size_t> used_;
};

/// The parts of `a && b && c`, split outside brackets.
std::vector<std::string> conjuncts(const std::string& text);

}  // namespace femto::io
