// Products of small dense matrices, with the widest vectors the machine has.
#pragma once
#include <cstddef>

namespace femto::qcd {

/// out += a b with a [rows, inner], b [inner, cols], out [rows, cols], all column-major
/// without gaps. Each element is summed in the order of `inner`, so it does not depend on
/// how columns are cut into pieces.
void add_product(std::size_t rows,
                 std::size_t inner,
                 std::size_t cols,
                 const double* a,
                 const double* b,
                 double* out);

}  // namespace femto::qcd
