#ifndef INFINITE_FORMER_KERNELS_RESAMPLE_OP_H_
#define INFINITE_FORMER_KERNELS_RESAMPLE_OP_H_

#include <vector>

#include "choose.h"
#include "op.h"
#include "parallel.h"

namespace infinite_former {

class ResampleOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerResample",
            {"coefficients: float", "positions: float", "fit: float", "centres: float", "widths: float"},
            {"result: float"},
            {}};
  }
  explicit ResampleOp(Attributes &) {}

  void Run(OpRun &run) const {
    const auto &coefficients = run.Shape(0), &positions = run.Shape(1), &fit = run.Shape(2);
    const auto &centres = run.Shape(3), &widths = run.Shape(4);
    if (!run.ok()) return;
    if (centres.size() != 1) run.Fail("centres must be a vector, got " + ShapeText(centres));
    else if (widths.size() != 1) run.Fail("widths must be a vector, got " + ShapeText(widths));
    else if (coefficients.size() != 3 || coefficients[1] != centres[0] * widths[0]) {
      run.Fail("coefficients must have shape [batch, centres * widths, size], got " + ShapeText(coefficients));
    } else if (positions.size() != 2 || positions[0] != coefficients[0]) {
      run.Fail("positions must have shape [batch, samples], got " + ShapeText(positions));
    } else if (fit != std::vector<int64_t>{coefficients[1], positions[1]}) {
      run.Fail("fit must have shape [centres * widths, samples], got " + ShapeText(fit));
    }
    if (!run.ok()) return;
    const Resample x{coefficients[0], positions[1],  coefficients[2], centres[0],    widths[0],
                     run.Floats(0),   run.Floats(1), run.Floats(2),   run.Floats(3), run.Floats(4)};
    float *out = run.Output(0, coefficients);
    const int64_t count = OpRun::Count(coefficients);
    if (!run.ok() || count == 0) return;
    if (x.samples == 0) {
      for (int64_t i = 0; i < count; i++) out[i] = 0;
      return;
    }
    Fill(run, x, out);
  }

 private:
  // Runs at a time: which they are does not depend on threads.
  static constexpr int64_t kRuns = 96;

  static void Fill(OpRun &run, const Resample &x, float *out) {
    const KernelTable &kernels = Kernels();
    Parallel &parallel = Parallel::Get();
    std::vector<int32_t> starts(x.batch * (x.samples + 1));
    std::vector<Runs> runs(x.batch);
    std::vector<int64_t> before(x.batch + 1);
    for (int64_t row = 0; row < x.batch; row++) {
      int32_t *own = starts.data() + row * (x.samples + 1);
      runs[row] = {RunsOf(x.positions + row * x.samples, x.samples, own), own};
      before[row + 1] = before[row] + runs[row].count;
    }
    const int64_t wide = kernels.resample_wide(x), parts = kernels.resample_parts(x);
    const int64_t need = kernels.resample_scratch(x);
    float *packed = run.Scratch(kernels.resample_packed(x)), *samples = run.Scratch(before[x.batch] * wide);
    float *scratch = run.Scratch(need * parallel.threads());
    if (!run.ok()) return;
    const int64_t most = (x.samples + kRuns - 1) / kRuns;
    parallel.For(parts + x.batch * most, [&](int64_t task, int slot) {
      if (task < parts) return kernels.resample_pack(x, task, packed);
      const int64_t row = (task - parts) / most, from = (task - parts) % most * kRuns, end = runs[row].count;
      if (from >= end) return;
      kernels.resample_sample(x, row, runs[row], from, from + kRuns < end ? from + kRuns : end,
                              samples + (before[row] + from) * wide, scratch + slot * need);
    });
    parallel.For(x.batch * parts, [&](int64_t task, int slot) {
      const int64_t row = task / parts;
      kernels.resample_fit(x, row, runs[row], task % parts, packed, samples + before[row] * wide, out,
                           scratch + slot * need);
    });
  }

  // Where runs of equal positions start, and where the last one ends.
  static int64_t RunsOf(const float *positions, int64_t samples, int32_t *starts) {
    int64_t count = 0;
    for (int64_t i = 0; i < samples; i++) {
      if (i == 0 || positions[i] != positions[i - 1]) starts[count++] = static_cast<int32_t>(i);
    }
    starts[count] = static_cast<int32_t>(samples);
    return count;
  }
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_RESAMPLE_OP_H_
