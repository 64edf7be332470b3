#ifndef INFINITE_FORMER_KERNELS_DENSITY_READING_OP_H_
#define INFINITE_FORMER_KERNELS_DENSITY_READING_OP_H_

#include "choose.h"
#include "op.h"
#include "parallel.h"
#include "ring_attention_op.h"

namespace infinite_former {

// Continuous attention of one query a row by affine maps and normal densities.
class DensityReadingOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerDensityReading",
            {"queries: float", "directions: float", "bias: float", "values: float", "centres: float", "widths: float"},
            {"context: float", "mean: float", "variance: float"},
            {"scale: float", "floor: float"}};
  }
  explicit DensityReadingOp(Attributes &attributes)
      : scale_(attributes.Float("scale")), floor_(attributes.Float("floor")) {}

  void Run(OpRun &run) const {
    const auto &queries = run.Shape(0), &directions = run.Shape(1), &bias = run.Shape(2), &values = run.Shape(3);
    const auto &centres = run.Shape(4), &widths = run.Shape(5);
    if (!run.ok()) return;
    if (values.size() != 4) return run.Fail("values must have shape [batch, heads, basis, size], got " + ShapeText(values));
    const int64_t batch = values[0], heads = values[1], basis = values[2], size = values[3];
    const bool biased = bias != std::vector<int64_t>{0};
    if (queries.size() != 2 || queries[0] != batch || queries[1] < heads * size) {
      run.Fail("queries must have shape [batch, heads * size or more], got " + ShapeText(queries));
    } else if (directions != std::vector<int64_t>{batch, heads, size, 2}) {
      run.Fail("directions must have shape [batch, heads, size, 2], got " + ShapeText(directions));
    } else if (biased && bias != std::vector<int64_t>{2}) {
      run.Fail("bias must have shape [2], got " + ShapeText(bias));
    } else if (centres != std::vector<int64_t>{basis} || widths != centres) {
      run.Fail("centres and widths must have shape [basis], got " + ShapeText(centres) + " and " + ShapeText(widths));
    }
    if (!run.ok()) return;
    const std::vector<int64_t> each{batch, heads, 1};
    const DensityReading x{batch,
                           heads,
                           basis,
                           size,
                           scale_,
                           floor_,
                           run.Floats(0),
                           queries[1],
                           run.Floats(1),
                           biased ? run.Floats(2) : nullptr,
                           run.Floats(3),
                           run.Floats(4),
                           run.Floats(5),
                           run.Output(0, {batch, heads * size}),
                           run.Output(1, each),
                           run.Output(2, each)};
    if (!run.ok() || batch * heads == 0) return;
    const KernelTable &kernels = Kernels();
    const int64_t pairs = batch * heads, need = (kernels.density_reading_scratch(x) + 15) / 16 * 16;
    const bool alone = pairs * basis * size < kWorthThreads;
    float *scratch = run.Scratch(need * (alone ? 1 : Parallel::Get().threads()));
    if (!run.ok()) return;
    if (alone) {
      for (int64_t pair = 0; pair < pairs; pair++) kernels.density_reading(x, pair, scratch);
      return;
    }
    Parallel::Get().For(pairs, [&](int64_t pair, int slot) { kernels.density_reading(x, pair, scratch + need * slot); });
  }

 private:
  const float scale_, floor_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_DENSITY_READING_OP_H_
