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
             "content_bias: float", "position_bias: float"},
            {"context: float", "new_keys: float", "new_values: float"},
            {"scale: float"}};
  }
  explicit RingAttentionOp(Attributes &attributes) : scale_(attributes.Float("scale")) {}

  void Run(OpRun &run) const {
    const auto &projected = run.Shape(0), &keys = run.Shape(1), &values = run.Shape(2), &reach = run.Shape(4);
    const auto &distances = run.Shape(5), &content = run.Shape(6), &position = run.Shape(7);
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
    else if (!none(distances) && !is(distances, {heads, slots, size})) {
      run.Fail("distances must have shape " + ShapeText({heads, slots, size}) + ", got " + ShapeText(distances));
    }
    for (const auto *bias : {&content, &position}) {
      if (!none(*bias) && !is(*bias, {heads, size})) {
        run.Fail("biases must have shape " + ShapeText({heads, size}) + ", got " + ShapeText(*bias));
      }
    }
    if (!run.ok()) return;
    float *out = run.Output(0, {batch, width});
    float *ring_keys = run.OutputOf(1, 1), *ring_values = run.OutputOf(2, 2);
    const auto given = [&](int index, const std::vector<int64_t> &shape) {
      return none(shape) ? nullptr : run.Floats(index);
    };
    const RingAttention x{batch,
                          heads,
                          slots,
                          size,
                          scale_,
                          run.Floats(0),
                          ring_keys,
                          ring_values,
                          slot,
                          run.Ints(4),
                          given(5, distances),
                          given(6, content),
                          given(7, position),
                          out};
    if (!run.ok() || batch * width == 0) return;
    const KernelTable &kernels = Kernels();
    const int64_t pairs = batch * heads, need = RoundedUp(kernels.ring_attention_scratch(x));
    int64_t work = 0;
    for (int64_t row = 0; row < batch; row++) work += (x.reach[row] < slots ? x.reach[row] + 1 : slots) * width;
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
