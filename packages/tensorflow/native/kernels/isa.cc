// The kernels for one instruction set: compiled once for each, with its flags
// and ISA as its name, and chosen from at run time.
#include <cstdint>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "table.h"

namespace infinite_former {
namespace {
#include "simd.h"

#include "panel.h"

#include "attention.h"

#include "layer_norm.h"

#include "activation.h"

#include "row_linear.h"

#include "adamw.h"

#include "scatter_rows.h"

#include "read_out.h"

#include "one_query.h"

#include "ring_attention.h"

#include "density_reading.h"

#include "attention_mass.h"

#include "resample.h"
}  // namespace
}  // namespace infinite_former

#define JOIN(a, b) a##b
#define TABLE(isa) JOIN(infinite_former_kernels_, isa)
#define TEXT(isa) #isa
#define NAME(isa) TEXT(isa)

extern "C" const infinite_former::KernelTable *TABLE(ISA)() {
  static const infinite_former::KernelTable table = {
      NAME(ISA),
      infinite_former::AttentionScratch,
      infinite_former::AttentionForward,
      infinite_former::AttentionGradientScratch,
      infinite_former::AttentionBackward,
      infinite_former::LayerNormForward,
      infinite_former::LayerNormBackward,
      infinite_former::ActivationForward,
      infinite_former::ActivationBackward,
      infinite_former::RowLinearSums,
      infinite_former::RowLinearFinish,
      infinite_former::RowLinearTransposed,
      infinite_former::AdamWStep,
      infinite_former::SumOfSquares,
      infinite_former::ScatterRowsInto,
      infinite_former::ReadOutScratch,
      infinite_former::ReadOutForward,
      infinite_former::ReadOutGradientScratch,
      infinite_former::ReadOutBackward,
      infinite_former::RingAttentionScratch,
      infinite_former::RingAttentionOf,
      infinite_former::DensityReadingScratch,
      infinite_former::DensityReadingOf,
      infinite_former::AttentionMassScratch,
      infinite_former::AttentionMassOf,
      infinite_former::ResampleWide,
      infinite_former::ResampleParts,
      infinite_former::ResamplePacked,
      infinite_former::ResamplePack,
      infinite_former::ResampleScratch,
      infinite_former::ResampleSample,
      infinite_former::ResampleFit,
      infinite_former::SumParts,
  };
  return &table;
}
