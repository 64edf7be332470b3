#ifndef INFINITE_FORMER_KERNELS_ATTENTION_MASS_OP_H_
#define INFINITE_FORMER_KERNELS_ATTENTION_MASS_OP_H_

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

class AttentionMassOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerAttentionMass",
            {"mean: float", "variance: float", "edges: float", "weights: float"},
            {"mass: float"},
            {"parabola: int"}};
  }
  explicit AttentionMassOp(Attributes &attributes) : parabola_(attributes.Int("parabola") != 0) {}

  void Run(OpRun &run) const {
    const auto &mean = run.Shape(0), &variance = run.Shape(1), &edges = run.Shape(2), &weights = run.Shape(3);
    if (!run.ok()) return;
    const bool weighted = !IsNone(weights);
    if (mean.size() != 3) run.Fail("mean must have shape [batch, heads, queries], got " + ShapeText(mean));
    else if (variance != mean) run.Fail("variance must have the shape of mean, got " + ShapeText(variance));
    else if (edges.size() != 1 || edges[0] < 2) run.Fail("edges must be a vector of at least 2, got " + ShapeText(edges));
    else if (weighted && weights != std::vector<int64_t>{mean[0], mean[2]}) {
      run.Fail("weights must have shape [batch, queries], got " + ShapeText(weights));
    }
    if (!run.ok()) return;
    const AttentionMass x{mean[0],       mean[1],       mean[2],       edges[0] - 1, parabola_, run.Floats(0),
                          run.Floats(1), run.Floats(2), weighted ? run.Floats(3) : nullptr};
    float *out = run.Output(0, {x.batch, x.bins});
    if (!run.ok() || x.batch == 0) return;
    // Blocks of densities with sums of their own; which there are does not depend on threads.
    const int64_t count = x.heads * x.queries, blocks = count > 0 ? (count + kDensities - 1) / kDensities : 1;
    const KernelTable &kernels = Kernels();
    const int64_t step = x.bins + 64, need = kernels.attention_mass_scratch(x);
    Parallel &parallel = Parallel::Get();
    float *sums = run.Scratch(x.batch * blocks * step), *scratch = run.Scratch(need * parallel.threads());
    if (!run.ok()) return;
    const auto some = [&](int64_t task, int slot) {
      const int64_t row = task / blocks, from = task % blocks * kDensities;
      const int64_t to = from + kDensities < count ? from + kDensities : count;
      kernels.attention_mass(x, row, from, to, sums + task * step, scratch + slot * need);
    };
    if (x.batch * count < kDensities) {
      for (int64_t task = 0; task < x.batch * blocks; task++) some(task, 0);
    } else {
      parallel.For(x.batch * blocks, some);
    }
    for (int64_t row = 0; row < x.batch; row++) {
      float *mass = out + row * x.bins;
      kernels.sum_parts(sums + row * blocks * step, blocks, step, x.bins, mass);
      // Rounding may leave a bin just below 0. NaN stays NaN.
      for (int64_t k = 0; k < x.bins; k++) mass[k] = mass[k] < 0 ? 0 : mass[k] * 0.5f;
    }
  }

 private:
  static constexpr int64_t kDensities = 512;
  const bool parabola_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_ATTENTION_MASS_OP_H_
