// Elementary functions on arrays, with the widest vectors the machine has.
#pragma once
#include <cstddef>

namespace femto::vmath {

/// out[i] = exp(in[i]), relative error below 1e-15; in and out may be the same array.
void exp(std::size_t n, const double* in, double* out);

/// out[i] = ln(in[i]); ln 0 = -infinity.
void log(std::size_t n, const double* in, double* out);

/// out[i] = ln(1 + in[i]).
void log1p(std::size_t n, const double* in, double* out);

/// The instruction set in use: "AVX3", "AVX2", "SSE4", ...
const char* simd_level();

}  // namespace femto::vmath
