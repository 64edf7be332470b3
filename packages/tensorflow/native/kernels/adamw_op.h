#ifndef INFINITE_FORMER_KERNELS_ADAMW_OP_H_
#define INFINITE_FORMER_KERNELS_ADAMW_OP_H_

#include <cmath>

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

class AdamWOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerAdamW",
            {"parameter: float", "gradient: float", "first: float", "second: float", "scalars: float"},
            {"new_parameter: float", "new_first: float", "new_second: float"},
            {"beta1: float", "beta2: float", "rest1: float", "rest2: float", "epsilon: float"}};
  }
  explicit AdamWOp(Attributes &attributes)
      : beta1_(attributes.Float("beta1")), beta2_(attributes.Float("beta2")), rest1_(attributes.Float("rest1")),
        rest2_(attributes.Float("rest2")), epsilon_(attributes.Float("epsilon")) {}

  void Run(OpRun &run) const {
    const auto &shape = run.Shape(0), &scalars = run.Shape(4);
    if (!run.ok()) return;
    for (const int index : {1, 2, 3}) {
      if (run.ok() && run.Shape(index) != shape) {
        run.Fail("gradient and moments must have the parameter's shape, got " + ShapeText(run.Shape(index)));
      }
    }
    if (run.ok() && scalars != std::vector<int64_t>{4}) run.Fail("scalars must have shape [4], got " + ShapeText(scalars));
    if (!run.ok()) return;
    AdamW a{run.Floats(0), run.Floats(1), run.Floats(2), run.Floats(3), run.Floats(4), beta1_, beta2_,
            rest1_,        rest2_,        epsilon_,      nullptr,       nullptr,       nullptr};
    a.new_parameter = run.OutputOver(0, {0, 1}, shape);
    a.new_first = run.OutputOver(1, {2, 1}, shape);
    a.new_second = run.OutputOver(2, {3, 1}, shape);
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    ForBlocks(OpRun::Count(shape), kGrain, [&](int64_t from, int64_t to, int64_t) { kernels.adamw(a, from, to); });
  }

 private:
  const float beta1_, beta2_, rest1_, rest2_, epsilon_;
};

// Root of the sum of all squares of several tensors.
class GlobalNormOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerGlobalNorm", {"tensors: N * float"}, {"norm: float"}, {"N: int >= 1"}};
  }
  explicit GlobalNormOp(Attributes &) {}

  void Run(OpRun &run) const {
    struct Part {
      const float *x;
      int64_t count;
      double sum;
    };
    std::vector<Part> parts;
    for (int index = 0; index < run.InputCount() && run.ok(); index++) {
      const int64_t count = OpRun::Count(run.Shape(index));
      const float *x = run.Floats(index);
      for (int64_t at = 0; at < count; at += kGrain) {
        parts.push_back({x + at, count - at < kGrain ? count - at : kGrain, 0});
      }
    }
    float *norm = run.Output(0, {});
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    // Four parts a task: a sum takes a fraction of what the memory takes.
    ForBlocks(static_cast<int64_t>(parts.size()), 4, [&](int64_t from, int64_t to, int64_t) {
      for (int64_t i = from; i < to; i++) parts[i].sum = kernels.sum_of_squares(parts[i].x, parts[i].count);
    });
    double total = 0;
    for (const Part &part : parts) total += part.sum;
    *norm = static_cast<float>(std::sqrt(total));
  }
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_ADAMW_OP_H_
