#ifndef INFINITE_FORMER_KERNELS_RING_ATTENTION_OP_H_
#define INFINITE_FORMER_KERNELS_RING_ATTENTION_OP_H_

#include "choose.h"
#include "op.h"
#include "parallel.h"

namespace infinite_former {

// What a task of few products may cost before a second thread is worth waking.
constexpr int64_t kWorthThreads = 100000;

inline std::string CheckSlot(OpRun &run, int index, int64_t slots, int64_t *slot) {
  if (OpRun::Count(run.Shape(index)) != 1) return "slot must be one number, got shape " + ShapeText(run.Shape(index));
  *slot = run.ok() ? run.Ints(index)[0] : 0;
  if (*slot < 0 || *slot >= slots) {
    return "slot must be in [0, " + std::to_string(slots) + "), got " + std::to_string(*slot);
  }
  return "";
}

// Attention of one query a row over rings of keys and values, which are written
// in place: the inputs' own memory is the outputs'.
class RingAttentionOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerRingAttention",
            {"projected: float", "keys: float", "values: float", "slot: int32", "reach: int32", "distances: float",
             "content_bias: float", "position_bias: float", "older_keys: float", "older_values: float", "older: int32",
             "origin: int32"},
            {"context: float", "new_keys: float", "new_values: float"},
            {"scale: float"}};
  }
  explicit RingAttentionOp(Attributes &attributes) : scale_(attributes.Float("scale")) {}

  void Run(OpRun &run) const {
    const auto &projected = run.Shape(0), &keys = run.Shape(1), &values = run.Shape(2), &reach = run.Shape(4);
    const auto &distances = run.Shape(5), &content = run.Shape(6), &position = run.Shape(7);
    const auto &older_keys = run.Shape(8), &older_values = run.Shape(9), &older = run.Shape(10);
    const auto &origin = run.Shape(11);
    if (!run.ok()) return;
    if (keys.size() != 4) return run.Fail("keys must have shape [batch, heads, slots, size], got " + ShapeText(keys));
    const int64_t batch = keys[0], heads = keys[1], slots = keys[2], size = keys[3], width = heads * size;
    const auto is = [](const std::vector<int64_t> &shape, const std::vector<int64_t> &wanted) { return shape == wanted; };
    const auto none = [](const std::vector<int64_t> &shape) { return shape.size() == 1 && shape[0] == 0; };
    int64_t slot = 0;
    const std::string fault = CheckSlot(run, 3, slots, &slot);
    if (values != keys) run.Fail("values must have the shape of keys, got " + ShapeText(values));
    else if (!is(projected, {batch, 3 * width})) {
      run.Fail("projected must have shape " + ShapeText({batch, 3 * width}) + ", got " + ShapeText(projected));
    } else if (!fault.empty()) run.Fail(fault);
    else if (!is(reach, {batch})) run.Fail("reach must have shape [batch], got " + ShapeText(reach));
    else if (!none(distances) && (distances.size() != 3 || distances[0] != heads || distances[2] != size)) {
      run.Fail("distances must have shape " + Text3(heads, "rows", size) + ", got " + ShapeText(distances));
    } else if (!none(older_keys) && (older_keys.size() != 4 || !is(older_keys, {batch, heads, older_keys[2], size}))) {
      run.Fail("older keys must have shape [batch, heads, rows, size], got " + ShapeText(older_keys));
    } else if (older_values != older_keys) {
      run.Fail("older values must have the shape of older keys, got " + ShapeText(older_values));
    } else if (!is(older, none(older_keys) ? std::vector<int64_t>{0} : std::vector<int64_t>{batch})) {
      run.Fail("older must have shape [batch], got " + ShapeText(older));
    } else if (!none(origin) && !is(origin, {batch})) {
      run.Fail("origin must have shape [batch], got " + ShapeText(origin));
    }
    for (const auto *bias : {&content, &position}) {
      if (!none(*bias) && !is(*bias, {heads, size})) {
        run.Fail("biases must have shape " + ShapeText({heads, size}) + ", got " + ShapeText(*bias));
      }
    }
    if (!run.ok()) return;
    const auto given = [&](int index, const std::vector<int64_t> &shape) {
      return none(shape) ? nullptr : run.Floats(index);
    };
    RingAttention x{batch, heads, slots, size, scale_, run.Floats(0), nullptr, nullptr, slot, run.Ints(4)};
    if (!none(older_keys)) {
      x.older_slots = older_keys[2];
      x.older_keys = run.Floats(8);
      x.older_values = run.Floats(9);
      x.older = run.Ints(10);
    }
    if (!none(distances)) {
      x.table_rows = distances[1];
      x.distances = run.Floats(5);
      x.origin = none(origin) ? nullptr : run.Ints(11);
    }
    x.content = given(6, content);
    x.position = given(7, position);
    for (int64_t row = 0; run.ok() && x.distances != nullptr && row < batch; row++) {
      const int64_t last = x.origin ? x.origin[row] : x.table_rows - 1;
      if (last >= x.table_rows || last + 1 < RingSeen(x, row) + OlderSeen(x, row)) {
        run.Fail("distances must have a row for each that is seen, got " + std::to_string(x.table_rows));
      }
    }
    if (!run.ok()) return;
    x.out = run.Output(0, {batch, width});
    x.keys = run.OutputOf(1, 1);
    x.values = run.OutputOf(2, 2);
    if (!run.ok() || batch * width == 0) return;
    const KernelTable &kernels = Kernels();
    const int64_t pairs = batch * heads, need = RoundedUp(kernels.ring_attention_scratch(x));
    int64_t work = 0;
    for (int64_t row = 0; row < batch; row++) work += (RingSeen(x, row) + OlderSeen(x, row)) * width;
    // Pairs of one head after another: its distances stay in the cache.
    const auto one = [&](int64_t task, float *scratch) { kernels.ring_attention(x, task % batch, task / batch, scratch); };
    const bool alone = work < kWorthThreads;
    float *scratch = run.Scratch(need * (alone ? 1 : Parallel::Get().threads()));
    if (!run.ok()) return;
    if (alone) {
      for (int64_t task = 0; task < pairs; task++) one(task, scratch);
      return;
    }
    Parallel::Get().For(pairs, [&](int64_t task, int slot) { one(task, scratch + need * slot); });
  }

 private:
  static std::string Text3(int64_t first, const char *middle, int64_t last) {
    return "[" + std::to_string(first) + ", " + middle + ", " + std::to_string(last) + "]";
  }
  static int64_t RoundedUp(int64_t floats) { return (floats + 15) / 16 * 16; }
  const float scale_;
};

// A ring with one slot written anew, in place.
class WriteRingOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerWriteRing", {"ring: float", "rows: float", "slot: int32"}, {"written: float"}, {}};
  }
  explicit WriteRingOp(Attributes &) {}

  void Run(OpRun &run) const {
    const auto &ring = run.Shape(0);
    if (!run.ok()) return;
    if (ring.size() < 2) return run.Fail("ring must have shape [..., slots, size], got " + ShapeText(ring));
    const int64_t size = ring.back(), slots = ring[ring.size() - 2], row = slots * size;
    int64_t slot = 0;
    const std::string fault = CheckSlot(run, 2, slots, &slot);
    if (!fault.empty()) run.Fail(fault);
    const int64_t groups = row > 0 ? OpRun::Count(ring) / row : 0;
    if (OpRun::Count(run.Shape(1)) != groups * size) {
      run.Fail("rows must hold " + std::to_string(groups * size) + " numbers, got shape " + ShapeText(run.Shape(1)));
    }
    if (!run.ok()) return;
    float *written = run.OutputOf(0, 0);
    const float *rows = run.Floats(1);
    if (!run.ok()) return;
    for (int64_t group = 0; group < groups; group++) {
      std::memcpy(written + group * row + slot * size, rows + group * size, size * sizeof(float));
    }
  }
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_RING_ATTENTION_OP_H_
