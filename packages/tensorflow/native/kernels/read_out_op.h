#ifndef INFINITE_FORMER_KERNELS_READ_OUT_OP_H_
#define INFINITE_FORMER_KERNELS_READ_OUT_OP_H_

#include "choose.h"
#include "op.h"
#include "parallel.h"

namespace infinite_former {

#define READ_OUT_INPUTS "mean: float", "variance: float", "values: float", "centres: float", "widths: float"

inline bool ReadReadOut(OpRun &run, ReadOut *x) {
  const auto &mean = run.Shape(0), &variance = run.Shape(1), &values = run.Shape(2);
  const auto &centres = run.Shape(3), &widths = run.Shape(4);
  if (!run.ok()) return false;
  if (mean.size() != 3) run.Fail("mean must have shape [batch, heads, queries], got " + ShapeText(mean));
  else if (variance != mean) run.Fail("variance must have the shape of mean, got " + ShapeText(variance));
  else if (centres.size() != 1) run.Fail("centres must be a vector, got " + ShapeText(centres));
  else if (widths.size() != 1) run.Fail("widths must be a vector, got " + ShapeText(widths));
  else if (values.size() != 4 || values[0] != mean[0] || values[1] != centres[0] * widths[0] || values[2] != mean[1]) {
    run.Fail("values must have shape [batch, centres * widths, heads, size], got " + ShapeText(values));
  }
  if (!run.ok()) return false;
  *x = {mean[0],       mean[1],       mean[2],       values[3],     centres[0],   widths[0],
        run.Floats(0), run.Floats(1), run.Floats(2), run.Floats(3), run.Floats(4)};
  return run.ok();
}

class ReadOutOp {
 public:
  static OpText Text() { return {"InfiniteFormerReadOut", {READ_OUT_INPUTS}, {"context: float"}, {}}; }
  explicit ReadOutOp(Attributes &) {}

  void Run(OpRun &run) const {
    ReadOut x{};
    if (!ReadReadOut(run, &x)) return;
    float *out = run.Output(0, {x.batch, x.queries, x.heads, x.size});
    const int64_t pairs = x.batch * x.heads, count = pairs * x.queries * x.size;
    if (!run.ok() || count == 0) return;
    if (x.width_count * x.centre_count == 0) {
      for (int64_t i = 0; i < count; i++) out[i] = 0;
      return;
    }
    const KernelTable &kernels = Kernels();
    const int64_t need = kernels.read_out_scratch(x), threads = Parallel::Get().threads();
    const int64_t parts = pairs >= 2 * threads ? 1 : (2 * threads + pairs - 1) / pairs;
    float *scratch = run.Scratch(need * threads);
    if (!run.ok()) return;
    Parallel::Get().For(pairs * parts, [&](int64_t task, int slot) {
      kernels.read_out(x, out, task / parts, task % parts, parts, scratch + need * slot);
    });
  }
};

class ReadOutGradientOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerReadOutGrad",
            {READ_OUT_INPUTS, "cotangent: float"},
            {"d_mean: float", "d_variance: float", "d_values: float"},
            {}};
  }
  explicit ReadOutGradientOp(Attributes &) {}

  void Run(OpRun &run) const {
    ReadOut x{};
    if (!ReadReadOut(run, &x)) return;
    const std::vector<int64_t> expected{x.batch, x.queries, x.heads, x.size};
    if (run.Shape(5) != expected) {
      run.Fail("cotangent must have shape " + ShapeText(expected) + ", got " + ShapeText(run.Shape(5)));
    }
    const ReadOutGradient y{run.Floats(5), run.Output(0, run.Shape(0)), run.Output(1, run.Shape(0)),
                            run.Output(2, run.Shape(2))};
    if (!run.ok()) return;
    const KernelTable &kernels = Kernels();
    const int64_t need = kernels.read_out_gradient_scratch(x);
    float *scratch = run.Scratch(need * Parallel::Get().threads());
    if (!run.ok()) return;
    Parallel::Get().For(x.batch * x.heads, [&](int64_t pair, int slot) {
      kernels.read_out_gradient(x, y, pair, scratch + need * slot);
    });
  }
};

#undef READ_OUT_INPUTS

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_READ_OUT_OP_H_
