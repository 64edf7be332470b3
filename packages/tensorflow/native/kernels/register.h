#ifndef INFINITE_FORMER_KERNELS_REGISTER_H_
#define INFINITE_FORMER_KERNELS_REGISTER_H_

#include "attention_op.h"

namespace infinite_former {

// Makes our kernels operations of TensorFlow, once a process. Returns what is
// wrong, or the empty string.
inline const std::string &RegisterKernels() {
  static const std::string fault = [] {
    for (const auto one : {RegisterOp<AttentionOp>, RegisterOp<AttentionGradientOp>}) {
      const std::string fault = one();
      if (!fault.empty()) return fault;
    }
    return std::string();
  }();
  return fault;
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_REGISTER_H_
