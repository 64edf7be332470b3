#ifndef INFINITE_FORMER_KERNELS_CHOOSE_H_
#define INFINITE_FORMER_KERNELS_CHOOSE_H_

#include <cstdlib>
#include <cstring>

#include "table.h"

extern "C" {
#if defined(__x86_64__)
const infinite_former::KernelTable *infinite_former_kernels_avx512();
const infinite_former::KernelTable *infinite_former_kernels_avx2();
#endif
const infinite_former::KernelTable *infinite_former_kernels_baseline();
}

namespace infinite_former {

// The kernels of the widest vectors that this processor has; narrower ones where
// ONEDNN_MAX_CPU_ISA holds TensorFlow's own products to them.
inline const KernelTable &Kernels() {
  static const KernelTable *const chosen = [] {
#if defined(__x86_64__)
    const char *limit = std::getenv("ONEDNN_MAX_CPU_ISA");
    const auto limited = [limit](const char *prefix) {
      return limit != nullptr && std::strncmp(limit, prefix, std::strlen(prefix)) == 0;
    };
    const bool no_avx512 = limited("AVX2") || limited("SSE41") || limited("AVX_") || limited("DEFAULT_AVX2");
    const bool no_avx2 = limited("SSE41");
    __builtin_cpu_init();
    if (!no_avx512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
      return infinite_former_kernels_avx512();
    }
    if (!no_avx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return infinite_former_kernels_avx2();
    }
#endif
    return infinite_former_kernels_baseline();
  }();
  return *chosen;
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_CHOOSE_H_
