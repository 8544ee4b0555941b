#include "femto/neural/runtime.h"

#include <cstdlib>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>
#include <torch/version.h>

namespace femto::neural {
namespace {

/// OpenBLAS has threads of its own, which libtorch does not govern. Null without it.
template <class Function>
Function* openblas(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

std::string blas_text() {
  const auto threads = openblas<int()>("openblas_get_num_threads");
  return threads ? fmt::format("OpenBLAS (threads: {})", threads())
                 : "not OpenBLAS (slow if it is the reference)";
}

/// libtorch's packages stop at AVX2 unless told; it asks at its first operation and takes
/// the word for it, so look before.
void allow_avx512() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
#endif
}

}  // namespace

void prepare_runtime() {
  allow_avx512();
  at::set_num_threads(1);
  if (const auto set = openblas<void(int)>("openblas_set_num_threads")) set(1);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);
}

std::string runtime_text() {
  const auto config = at::show_config();
  const auto at = config.find("CPU capability usage: ");
  const auto end = config.find('\n', at);
  return fmt::format("libtorch {} (threads: {}), {}, BLAS: {}",
                     TORCH_VERSION,
                     at::get_num_threads(),
                     at == config.npos ? "" : config.substr(at, end - at),
                     blas_text());
}

}  // namespace femto::neural
