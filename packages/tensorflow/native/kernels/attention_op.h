#ifndef INFINITE_FORMER_KERNELS_ATTENTION_OP_H_
#define INFINITE_FORMER_KERNELS_ATTENTION_OP_H_

#include "choose.h"
#include "op.h"
#include "parallel.h"

namespace infinite_former {

// Operands that both passes read first. `table` [rows, heads, size], or [batch,
// rows, heads, size], or [0]: no positions; u and w [heads, size]; first [batch]
// or [0]; seed int32 [2] or [0]: no weight is dropped.
struct AttentionOperands {
  static constexpr int kCount = 7;
  bool batched = false;  // whether each row of the batch has a table of its own
  Attention x{};

  AttentionOperands(OpRun &run, float scale, float rate, float keep) {
    const auto &q = run.Shape(0), &kv = run.Shape(1), &table = run.Shape(2);
    const auto &u = run.Shape(3), &w = run.Shape(4), &first = run.Shape(5), &seed = run.Shape(6);
    if (!run.ok()) return;
    const auto must = [&run](bool holds, const char *argument, const char *shape, const std::vector<int64_t> &got) {
      if (!holds) run.Fail(std::string(argument) + " must have shape " + shape + ", got " + ShapeText(got));
      return holds;
    };
    if (!must(q.size() == 4, "queries", "[batch, queries, heads, size]", q)) return;
    const int64_t batch = q[0], queries = q[1], heads = q[2], size = q[3];
    if (!must(kv.size() == 5 && kv[0] == batch && kv[1] >= queries && kv[2] == 2 && kv[3] == heads && kv[4] == size,
              "keysAndValues", "[batch, keys >= queries, 2, heads, size]", kv)) {
      return;
    }
    const int64_t keys = kv[1];
    const bool relative = !(table.size() == 1 && table[0] == 0);
    batched = table.size() == 4;
    if (relative) {
      const size_t at = batched ? 1 : 0;
      const bool fits = table.size() == at + 3 && (!batched || table[0] == batch) && table[at] >= keys &&
                        table[at + 1] == heads && table[at + 2] == size;
      if (!must(fits, "positions", "[(batch,) at least keys, heads, size]", table)) return;
      x.r = run.Floats(2);
      x.r_rows = table[at];
      x.r_batch = batched ? x.r_rows * heads * size : 0;
    }
    const auto bias = [&](const std::vector<int64_t> &shape, const char *name) {
      if (shape.size() == 1 && shape[0] == 0) return false;
      return must(shape.size() == 2 && shape[0] == heads && shape[1] == size, name, "[heads, size]", shape);
    };
    if (bias(u, "contentBias")) x.u = run.Floats(3);
    if (bias(w, "positionBias")) x.w = run.Floats(4);
    if (!(first.size() == 1 && first[0] == 0)) {
      if (!must(first.size() == 1 && first[0] == batch, "first", "[batch]", first)) return;
      x.first = run.Floats(5);
    }
    if (!(seed.size() == 1 && seed[0] == 0)) {
      if (!must(seed.size() == 1 && seed[0] == 2, "seed", "[2]", seed)) return;
      x.drop = true;
      x.seed[0] = run.Ints(6)[0];
      x.seed[1] = run.Ints(6)[1];
      x.rate = rate;
      x.keep = keep;
    }
    x.batch = batch;
    x.heads = heads;
    x.queries = queries;
    x.keys = keys;
    x.size = size;
    x.scale = scale;
    x.q = run.Floats(0);
    x.k = run.Floats(1);
    x.v = x.k + heads * size;
    x.kv_row = 2 * heads * size;
    x.kv_batch = keys * x.kv_row;
  }
};

#define ATTENTION_INPUTS \
  "queries: float", "keys_and_values: float", "positions: float", "content_bias: float", "position_bias: float", "first: float", "seed: int32"

#define ATTENTION_ATTRIBUTES "scale: float", "rate: float", "keep: float"

class AttentionOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerAttention", {ATTENTION_INPUTS}, {"context: float", "log_sums: float"}, {ATTENTION_ATTRIBUTES}};
  }
  explicit AttentionOp(Attributes &attributes)
      : scale_(attributes.Float("scale")), rate_(attributes.Float("rate")), keep_(attributes.Float("keep")) {}

  void Run(OpRun &run) const {
    const AttentionOperands operands(run, scale_, rate_, keep_);
    const Attention &x = operands.x;
    if (!run.ok()) return;
    const AttentionResult y{run.Output(0, {x.batch, x.queries, x.heads, x.size}),
                            run.Output(1, {x.batch, x.heads, x.queries})};
    const int64_t pairs = x.batch * x.heads;
    if (!run.ok() || pairs * x.queries * x.size == 0) return;
    const KernelTable &kernels = Kernels();
    const int threads = Parallel::Get().threads();
    // Enough tasks for every thread, as few as possible: each packs its keys anew.
    const int64_t parts = pairs >= 2 * threads ? 1 : (2 * threads + pairs - 1) / pairs;
    const int64_t tasks = pairs * parts, need = kernels.attention_scratch(x);
    float *scratch = run.Scratch(need * threads);
    if (!run.ok()) return;
    Parallel::Get().For(tasks, [&](int64_t task, int slot) {
      kernels.attention(x, y, task / parts, task % parts, parts, scratch + need * slot);
    });
  }

 private:
  const float scale_, rate_, keep_;
};

class AttentionGradientOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerAttentionGrad",
            {ATTENTION_INPUTS, "context: float", "log_sums: float", "cotangent: float"},
            {"d_queries: float", "d_keys_and_values: float", "d_positions: float", "d_content_bias: float",
             "d_position_bias: float"},
            {ATTENTION_ATTRIBUTES}};
  }
  explicit AttentionGradientOp(Attributes &attributes)
      : scale_(attributes.Float("scale")), rate_(attributes.Float("rate")), keep_(attributes.Float("keep")) {}

  void Run(OpRun &run) const {
    const AttentionOperands operands(run, scale_, rate_, keep_);
    const Attention &x = operands.x;
    if (!run.ok()) return;
    const int64_t pairs = x.batch * x.heads, row = x.heads * x.size, table = x.r_rows * row;
    AttentionGradient y{};
    y.out = run.Floats(7);
    y.lse = run.Floats(8);
    y.cotangent = run.Floats(9);
    y.dq = run.Output(0, run.Shape(0));
    y.dk = run.Output(1, run.Shape(1));
    y.dv = y.dk + row;
    float *dr = run.Output(2, run.Shape(2));
    float *du = run.Output(3, run.Shape(3)), *dw = run.Output(4, run.Shape(4));
    if (!run.ok() || pairs * x.queries * x.size == 0) return;
    const KernelTable &kernels = Kernels();
    const int64_t need = kernels.attention_gradient_scratch(x), threads = Parallel::Get().threads();
    const bool summed = x.r != nullptr && !operands.batched && x.batch > 1;
    const int64_t extra = (summed ? x.batch * table : 0) + 2 * x.batch * row;
    float *scratch = run.Scratch(need * threads + extra);
    if (!run.ok()) return;
    float *rest = scratch + need * threads;
    if (x.r) y.dr = summed ? rest : dr;
    if (summed) rest += x.batch * table;
    if (x.u) y.du = rest;
    if (x.w) y.dw = rest + x.batch * row;
    Parallel::Get().For(pairs, [&](int64_t pair, int slot) {
      kernels.attention_gradient(x, y, pair, scratch + need * slot);
    });
    if (summed) SumRows(y.dr, x.batch, table, dr);
    if (x.u) SumRows(y.du, x.batch, row, du);
    if (x.w) SumRows(y.dw, x.batch, row, dw);
  }

 private:
  static void SumRows(const float *rows, int64_t count, int64_t size, float *sum) {
    for (int64_t i = 0; i < size; i++) sum[i] = rows[i];
    for (int64_t row = 1; row < count; row++) {
      for (int64_t i = 0; i < size; i++) sum[i] += rows[row * size + i];
    }
  }
  const float scale_, rate_, keep_;
};

#undef ATTENTION_INPUTS
#undef ATTENTION_ATTRIBUTES

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_ATTENTION_OP_H_
