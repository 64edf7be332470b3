#ifndef INFINITE_FORMER_KERNELS_LAYER_NORM_OP_H_
#define INFINITE_FORMER_KERNELS_LAYER_NORM_OP_H_

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

// x [rows, size], gain and bias [size]; fills what both passes share.
inline bool ReadLayerNorm(OpRun &run, float epsilon, LayerNorm *n) {
  const auto &x = run.Shape(0), &gain = run.Shape(1), &bias = run.Shape(2);
  if (!run.ok()) return false;
  if (x.size() != 2) run.Fail("x must have shape [rows, size], got " + ShapeText(x));
  else if (gain.size() != 1 || gain[0] != x[1]) run.Fail("gain must have shape [size], got " + ShapeText(gain));
  else if (bias != gain) run.Fail("bias must have shape [size], got " + ShapeText(bias));
  if (!run.ok()) return false;
  n->rows = x[0];
  n->size = x[1];
  n->epsilon = epsilon;
  n->x = run.Floats(0);
  n->gain = run.Floats(1);
  n->bias = run.Floats(2);
  return true;
}

// With `second` (and `third`) the normalised rows are those of the sum, which is
// the third result then.
class LayerNormOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerLayerNorm",
            {"x: float", "gain: float", "bias: float", "second: float", "third: float"},
            {"y: float", "statistics: float", "sum: float"},
            {"epsilon: float"}};
  }
  explicit LayerNormOp(Attributes &attributes) : epsilon_(attributes.Float("epsilon")) {}

  void Run(OpRun &run) const {
    LayerNorm n{};
    if (!ReadLayerNorm(run, epsilon_, &n)) return;
    const auto &x = run.Shape(0);
    for (const int index : {3, 4}) {
      const auto &other = run.Shape(index);
      if (run.ok() && !IsNone(other) && other != x) {
        run.Fail("what is added must have the shape of x, got " + ShapeText(other));
      }
    }
    if (!run.ok()) return;
    const bool two = !IsNone(run.Shape(3)), three = !IsNone(run.Shape(4));
    if (two) n.second = run.Floats(3);
    if (three) (two ? n.third : n.second) = run.Floats(4);
    const LayerNormResult r{run.Output(0, x), run.Output(1, {n.rows, 3}),
                            two || three ? run.OutputOver(2, {0, 3, 4}, x) : nullptr};
    if (!two && !three) run.Output(2, {0});
    if (!run.ok() || n.rows * n.size == 0) return;
    const KernelTable &kernels = Kernels();
    ForBlocks(n.rows, (kGrain + n.size - 1) / n.size,
              [&](int64_t from, int64_t to, int64_t) { kernels.layer_norm(n, r, from, to); });
  }

 private:
  const float epsilon_;
};

class LayerNormGradientOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerLayerNormGrad",
            {"x: float", "gain: float", "bias: float", "statistics: float", "cotangent: float"},
            {"d_x: float", "d_gain: float", "d_bias: float"},
            {}};
  }
  explicit LayerNormGradientOp(Attributes &) {}

  void Run(OpRun &run) const {
    LayerNorm n{};
    if (!ReadLayerNorm(run, 0, &n)) return;
    LayerNormGradient r{};
    r.statistics = run.Floats(3);
    r.cotangent = run.Floats(4);
    r.dx = run.OutputOver(0, {4, 0}, run.Shape(0));
    float *dgain = run.Output(1, run.Shape(1)), *dbias = run.Output(2, run.Shape(1));
    if (!run.ok()) return;
    const int64_t grain = RowsOfBlock(n.rows, n.size), blocks = (n.rows + grain - 1) / grain;
    if (blocks == 0 || n.size == 0) {
      for (int64_t i = 0; i < n.size; i++) dgain[i] = dbias[i] = 0;
      return;
    }
    float *parts = run.Scratch(blocks * 2 * n.size);
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    ForBlocks(n.rows, grain, [&](int64_t from, int64_t to, int64_t block) {
      LayerNormGradient own = r;
      own.parts = parts + block * 2 * n.size;
      kernels.layer_norm_gradient(n, own, from, to);
    });
    kernels.sum_parts(parts, blocks, 2 * n.size, n.size, dgain);
    kernels.sum_parts(parts + n.size, blocks, 2 * n.size, n.size, dbias);
  }
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_LAYER_NORM_OP_H_
