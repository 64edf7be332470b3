#ifndef INFINITE_FORMER_KERNELS_SCATTER_ROWS_OP_H_
#define INFINITE_FORMER_KERNELS_SCATTER_ROWS_OP_H_

#include "blocks.h"
#include "choose.h"
#include "op.h"

namespace infinite_former {

class ScatterRowsOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerScatterRows", {"rows: float", "ids: int32"}, {"table: float"}, {"vocabulary: int"}};
  }
  explicit ScatterRowsOp(Attributes &attributes) : vocabulary_(attributes.Int("vocabulary")) {}

  void Run(OpRun &run) const {
    const auto &rows = run.Shape(0), &ids = run.Shape(1);
    if (!run.ok()) return;
    if (rows.size() != 2) run.Fail("rows must have shape [count, size], got " + ShapeText(rows));
    else if (ids.size() != 1 || ids[0] != rows[0]) run.Fail("ids must have shape [count], got " + ShapeText(ids));
    if (!run.ok()) return;
    const ScatterRows s{rows[0], rows[1], vocabulary_, run.Floats(0), run.Ints(1),
                        run.Output(0, {vocabulary_, rows[1]})};
    if (!run.ok() || s.size * s.vocabulary == 0) return;
    // Parts of the table, each of which goes through all ids: ranges of rows, of columns too where rows are few.
    const int64_t ranges = s.vocabulary < 16 ? s.vocabulary : 16;
    const int64_t width = s.vocabulary < 16 ? 256 : s.size, columns = (s.size + width - 1) / width;
    const KernelTable &kernels = Kernels();
    const auto part = [&](int64_t from, int64_t to, int64_t column) {
      const int64_t left = column * width, right = left + width < s.size ? left + width : s.size;
      kernels.scatter_rows(s, from, to, left, right);
    };
    if ((s.count + s.vocabulary) * s.size < 2 * kGrain) {
      for (int64_t column = 0; column < columns; column++) part(0, s.vocabulary, column);
      return;
    }
    Parallel::Get().For(ranges * columns, [&](int64_t task, int) {
      const int64_t range = task / columns;
      part(s.vocabulary * range / ranges, s.vocabulary * (range + 1) / ranges, task % columns);
    });
  }

 private:
  const int64_t vocabulary_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_SCATTER_ROWS_OP_H_
