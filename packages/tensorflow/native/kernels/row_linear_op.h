#ifndef INFINITE_FORMER_KERNELS_ROW_LINEAR_OP_H_
#define INFINITE_FORMER_KERNELS_ROW_LINEAR_OP_H_

#include <atomic>
#include <memory>

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

// Fewer weights than this are read sooner by one thread than another wakes.
constexpr int64_t kWeightsWorthThreads = 400000;

// Blocks of a matrix, by its shape alone: `strips` of columns, and `parts` of the
// rows where there are few strips. A part leaves its sums behind; the last part of
// a strip that is done adds them up, in the order of the rows.
struct RowLinearBlocks {
  int64_t width, strips, height, parts;

  RowLinearBlocks(int64_t inputs, int64_t outputs, bool transposed) {
    constexpr int64_t kWeights = 1 << 15;  // worth a task
    constexpr int64_t kTasks = 8, kSide = 16;
    const int64_t worth = inputs * outputs / kWeights > 0 ? inputs * outputs / kWeights : 1;
    const int64_t most = transposed ? kRowLinearWidth / 4 : kRowLinearWidth;
    int64_t least = (outputs + most - 1) / most;
    if (transposed && least < kTasks) least = worth < kTasks ? worth : kTasks;
    width = ((outputs + least - 1) / least + kSide - 1) / kSide * kSide;
    if (width > kRowLinearWidth) width = kRowLinearWidth;
    strips = (outputs + width - 1) / width;
    const int64_t wanted = (kTasks + strips - 1) / strips, affordable = worth / strips;
    parts = transposed || affordable < 2 ? 1 : wanted < affordable ? wanted : affordable;
    height = ((inputs + parts - 1) / parts + 7) / 8 * 8;
    if (height == 0) height = 1;
    parts = inputs > 0 ? (inputs + height - 1) / height : 1;
  }
};

// x [rows, inputs], kernel [inputs, outputs] or [outputs, inputs] with `transposed`,
// bias [outputs] or [0], residual [rows, outputs] or [0].
class RowLinearOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerRowLinear",
            {"x: float", "kernel: float", "bias: float", "residual: float"},
            {"y: float"},
            {"kind: int", "transposed: int"}};
  }
  explicit RowLinearOp(Attributes &attributes)
      : kind_(attributes.Int("kind")), transposed_(attributes.Int("transposed") != 0) {}

  void Run(OpRun &run) const {
    RowLinear l{};
    if (!Read(run, &l)) return;
    l.y = run.Output(0, {l.rows, l.outputs});
    if (!run.ok() || l.rows * l.outputs == 0) return;
    const KernelTable &kernels = Kernels();
    const RowLinearBlocks blocks(l.inputs, l.outputs, transposed_);
    const auto right = [&](int64_t strip) {
      return l.outputs < (strip + 1) * blocks.width ? l.outputs : (strip + 1) * blocks.width;
    };
    const auto each = [alone = l.inputs * l.outputs < kWeightsWorthThreads](int64_t count, const auto &work) {
      if (!alone) return Parallel::Get().For(count, work);
      for (int64_t i = 0; i < count; i++) work(i, 0);
    };
    if (transposed_) {
      each(blocks.strips, [&](int64_t strip, int) {
        kernels.row_linear_transposed(l, strip * blocks.width, right(strip));
      });
      return;
    }
    const int64_t parts = blocks.parts, tile = l.rows * kRowLinearStride;
    float *sums = run.Scratch(blocks.strips * parts * tile);
    if (!run.ok()) return;
    const std::unique_ptr<std::atomic<int64_t>[]> done(new std::atomic<int64_t>[blocks.strips]());
    each(blocks.strips * parts, [&](int64_t task, int) {
      const int64_t strip = task % blocks.strips, part = task / blocks.strips;
      const int64_t left = strip * blocks.width, from = part * blocks.height;
      const int64_t to = l.inputs < from + blocks.height ? l.inputs : from + blocks.height;
      float *own = sums + strip * parts * tile;
      kernels.row_linear_sums(l, from, to, left, right(strip), own + part * tile);
      if (done[strip].fetch_add(1) + 1 < parts) return;
      if (parts > 1) kernels.sum_parts(own, parts, tile, tile, own);
      kernels.row_linear_finish(l, left, right(strip), own);
    });
  }

 private:
  bool Read(OpRun &run, RowLinear *l) const {
    const auto &x = run.Shape(0), &kernel = run.Shape(1), &bias = run.Shape(2), &residual = run.Shape(3);
    if (!run.ok()) return false;
    const size_t input = transposed_ ? 1 : 0;
    if (x.size() != 2 || x[0] > kRowLinearRows) {
      run.Fail("x must have shape [rows, inputs], rows at most 16, got " + ShapeText(x));
    } else if (kernel.size() != 2 || kernel[input] != x[1]) {
      run.Fail(std::string("kernel must have shape ") + (transposed_ ? "[outputs, inputs]" : "[inputs, outputs]") +
               ", got " + ShapeText(kernel));
    } else if (!IsNone(bias) && (bias.size() != 1 || bias[0] != kernel[1 - input])) {
      run.Fail("bias must have shape [outputs], got " + ShapeText(bias));
    } else if (!IsNone(residual) && residual != std::vector<int64_t>{x[0], kernel[1 - input]}) {
      run.Fail("residual must have shape [rows, outputs], got " + ShapeText(residual));
    }
    if (!run.ok()) return false;
    l->rows = x[0];
    l->inputs = x[1];
    l->outputs = kernel[1 - input];
    l->kind = kind_;
    l->x = run.Floats(0);
    l->kernel = run.Floats(1);
    l->bias = IsNone(bias) ? nullptr : run.Floats(2);
    l->residual = IsNone(residual) ? nullptr : run.Floats(3);
    return true;
  }

  const int64_t kind_;
  const bool transposed_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_ROW_LINEAR_OP_H_
