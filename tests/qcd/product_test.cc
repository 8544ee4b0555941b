// The matrix product against three plain loops in extended precision.
#include "femto/qcd/product.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace femto::qcd {
namespace {

TEST(AddProduct, IsTheSumOverTheInnerIndexForAnyShape) {
  for (const std::size_t rows : {1, 3, 8, 24, 25, 47, 100})
    for (const std::size_t inner : {1, 5, 40})
      for (const std::size_t cols : {1, 2, 4, 7, 24}) {
        std::vector<double> a(rows * inner), b(inner * cols), out(rows * cols);
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::sin(1.3 * double(i));
        for (std::size_t i = 0; i < b.size(); ++i) b[i] = std::cos(0.7 * double(i));
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = double(i % 5);
        add_product(rows, inner, cols, a.data(), b.data(), out.data());
        for (std::size_t j = 0; j < cols; ++j)
          for (std::size_t i = 0; i < rows; ++i) {
            long double sum = double((j * rows + i) % 5);
            for (std::size_t k = 0; k < inner; ++k)
              sum += static_cast<long double>(a[k * rows + i]) * b[j * inner + k];
            EXPECT_NEAR(out[j * rows + i], static_cast<double>(sum), 1e-13)
                << rows << " x " << inner << " x " << cols;
          }
      }
}

}  // namespace
}  // namespace femto::qcd
