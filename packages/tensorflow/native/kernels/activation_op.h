#ifndef INFINITE_FORMER_KERNELS_ACTIVATION_OP_H_
#define INFINITE_FORMER_KERNELS_ACTIVATION_OP_H_

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

// x of any shape; bias [last axis of x] or [0]; seed int32 [2], or [0]: nothing is dropped.
inline bool ReadActivation(OpRun &run, int64_t kind, float rate, float scale, Activation *a) {
  const auto &x = run.Shape(0), &bias = run.Shape(1), &seed = run.Shape(2);
  if (!run.ok()) return false;
  const bool biased = !IsNone(bias);
  if (biased && (bias.size() != 1 || x.empty() || bias[0] != x.back())) {
    run.Fail("bias must have shape [last axis of x], got " + ShapeText(bias));
  } else if (!IsNone(seed) && (seed.size() != 1 || seed[0] != 2)) {
    run.Fail("seed must have shape [2], got " + ShapeText(seed));
  }
  if (!run.ok()) return false;
  a->count = OpRun::Count(x);
  a->size = biased ? bias[0] : 1;
  a->kind = kind;
  a->x = run.Floats(0);
  a->bias = biased ? run.Floats(1) : nullptr;
  a->drop = !IsNone(seed);
  if (a->drop) {
    a->seed[0] = run.Ints(2)[0];
    a->seed[1] = run.Ints(2)[1];
  }
  a->rate = rate;
  a->scale = scale;
  return true;
}

class ActivationOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerActivation",
            {"x: float", "bias: float", "seed: int32"},
            {"y: float"},
            {"kind: int", "rate: float", "scale: float"}};
  }
  explicit ActivationOp(Attributes &attributes) : kind_(attributes.Int("kind")),
        rate_(attributes.Float("rate")),
        scale_(attributes.Float("scale")) {}

  void Run(OpRun &run) const {
    Activation a{};
    if (!ReadActivation(run, kind_, rate_, scale_, &a)) return;
    float *y = run.OutputOver(0, {0}, run.Shape(0));
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    ForBlocks(a.count, kGrain, [&](int64_t from, int64_t to, int64_t) { kernels.activation(a, y, from, to); });
  }

 private:
  const int64_t kind_;
  const float rate_, scale_;
};

class ActivationGradientOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerActivationGrad",
            {"x: float", "bias: float", "seed: int32", "cotangent: float"},
            {"d_x: float", "d_bias: float"},
            {"kind: int", "rate: float", "scale: float"}};
  }
  explicit ActivationGradientOp(Attributes &attributes)
      : kind_(attributes.Int("kind")),
        rate_(attributes.Float("rate")),
        scale_(attributes.Float("scale")) {}

  void Run(OpRun &run) const {
    Activation a{};
    if (!ReadActivation(run, kind_, rate_, scale_, &a)) return;
    const float *cotangent = run.Floats(3);
    float *dx = run.OutputOver(0, {3, 0}, run.Shape(0)), *dbias = run.Output(1, run.Shape(1));
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    if (!a.bias) {
      ForBlocks(a.count, kGrain, [&](int64_t from, int64_t to, int64_t) {
        kernels.activation_gradient(a, cotangent, dx, nullptr, from, to);
      });
      return;
    }
    const int64_t rows = a.size > 0 ? a.count / a.size : 0;
    const int64_t grain = RowsOfBlock(rows, a.size), blocks = (rows + grain - 1) / grain;
    if (blocks == 0) {
      for (int64_t i = 0; i < a.size; i++) dbias[i] = 0;
      return;
    }
    float *parts = run.Scratch(blocks * a.size);
    if (!run.ok()) return;
    ForBlocks(rows, grain, [&](int64_t from, int64_t to, int64_t block) {
      kernels.activation_gradient(a, cotangent, dx, parts + block * a.size, from * a.size, to * a.size);
    });
    kernels.sum_parts(parts, blocks, a.size, a.size, dbias);
  }

 private:
  const int64_t kind_;
  const float rate_, scale_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_ACTIVATION_OP_H_
