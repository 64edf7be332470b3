#ifndef INFINITE_FORMER_KERNELS_REGISTER_H_
#define INFINITE_FORMER_KERNELS_REGISTER_H_

#include "activation_op.h"
#include "adamw_op.h"
#include "attention_mass_op.h"
#include "attention_op.h"
#include "density_reading_op.h"
#include "draw_positions_op.h"
#include "layer_norm_op.h"
#include "read_out_op.h"
#include "resample_op.h"
#include "ring_attention_op.h"
#include "row_linear_op.h"
#include "scatter_rows_op.h"

namespace infinite_former {

// Makes our kernels operations of TensorFlow, once a process. Returns what is
// wrong, or the empty string.
inline const std::string &RegisterKernels() {
  static const std::string fault = [] {
    for (const auto one : {
             RegisterOp<AttentionOp>, RegisterOp<AttentionGradientOp>,
             RegisterOp<LayerNormOp>, RegisterOp<LayerNormGradientOp>,
             RegisterOp<ActivationOp>, RegisterOp<ActivationGradientOp>,
             RegisterOp<RowLinearOp>,
             RegisterOp<AdamWOp>, RegisterOp<GlobalNormOp>,
             RegisterOp<ScatterRowsOp>,
             RegisterOp<ReadOutOp>, RegisterOp<ReadOutGradientOp>,
             RegisterOp<RingAttentionOp>, RegisterOp<WriteRingOp>,
             RegisterOp<DensityReadingOp>,
             RegisterOp<AttentionMassOp>, RegisterOp<DrawPositionsOp>, RegisterOp<ResampleOp>,
         }) {
      const std::string fault = one();
      if (!fault.empty()) return fault;
    }
    return std::string();
  }();
  return fault;
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_REGISTER_H_
