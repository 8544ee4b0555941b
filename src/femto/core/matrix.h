// A small dense matrix, row-major; linear algebra on it is in femto/stats/linear.h.
#pragma once
#include <cstddef>
#include <vector>

namespace femto {

struct Matrix {
  std::size_t rows = 0, cols = 0;
  std::vector<double> data;

  Matrix() = default;

  Matrix(std::size_t r, std::size_t c) : rows(r), cols(c), data(r * c, 0.0) {}

  double& operator()(std::size_t i, std::size_t j) { return data[i * cols + j]; }

  double operator()(std::size_t i, std::size_t j) const { return data[i * cols + j]; }

  double* row(std::size_t i) { return data.data() + i * cols; }

  const double* row(std::size_t i) const { return data.data() + i * cols; }

  bool operator==(const Matrix&) const = default;
};

}  // namespace femto
