// Elementary functions on arrays, with the widest vectors the machine has.
#pragma once
#include <cstddef>

/// By Highway's math functions: one source gives AVX-512, AVX2 and SSE4 code chosen at
/// run time, and they inline into loops of ours. SLEEF has more functions (pow, sin) but
/// names each by vector type and needs its own build per instruction set; powers are
/// taken here as exp(a ln x) with ln x computed once per event, which is cheaper than any
/// pow.
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
