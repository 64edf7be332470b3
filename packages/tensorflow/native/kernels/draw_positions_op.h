#ifndef INFINITE_FORMER_KERNELS_DRAW_POSITIONS_OP_H_
#define INFINITE_FORMER_KERNELS_DRAW_POSITIONS_OP_H_

#include <algorithm>
#include <vector>

#include "op.h"

namespace infinite_former {

// Positions drawn in proportion to mass, ascending in each row: draw u falls into
// bin b, the number of k with c_k ≤ u · c_last, c the cumulative mass. A row
// without mass gets `even`. Takes a few microseconds a row, so no threads.
class DrawPositionsOp {
 public:
  static OpText Text() {
    return {"InfiniteFormerDrawPositions",
            {"attended: float", "draws: float", "even: float"},
            {"positions: float"},
            {"within: int"}};
  }
  explicit DrawPositionsOp(Attributes &attributes) : within_(attributes.Int("within") != 0) {}

  void Run(OpRun &run) const {
    const auto &attended = run.Shape(0), &draws = run.Shape(1), &even = run.Shape(2);
    if (!run.ok()) return;
    if (attended.size() != 2 || attended[1] < 1) {
      run.Fail("attended must have shape [batch, bins], got " + ShapeText(attended));
    } else if (draws.size() != 2 || draws[0] != attended[0]) {
      run.Fail("draws must have shape [batch, samples], got " + ShapeText(draws));
    } else if (even.size() != 1 || even[0] != draws[1]) {
      run.Fail("even must have shape [samples], got " + ShapeText(even));
    }
    if (!run.ok()) return;
    const int64_t bins = attended[1], samples = draws[1];
    const float *mass = run.Floats(0), *uniform = run.Floats(1), *evenly = run.Floats(2);
    float *out = run.Output(0, draws);
    if (!run.ok()) return;
    Room room(bins);
    for (int64_t row = 0; row < attended[0]; row++, mass += bins, uniform += samples, out += samples) {
      room.sums[0] = 0;
      for (int64_t k = 0; k < bins; k++) room.sums[k + 1] = room.sums[k] + mass[k];
      if (!(room.sums[bins] > 0)) std::copy(evenly, evenly + samples, out);
      else if (within_) Within(room, mass, uniform, samples, out);
      else LeftEdges(room, uniform, samples, out);
    }
  }

 private:
  struct Room {
    std::vector<float> sums;        // [bins + 1], from 0
    std::vector<int64_t> counts;    // [bins]
    explicit Room(int64_t bins) : sums(bins + 1), counts(bins) {}
  };

  // How many of the cumulative masses lie at or below the target.
  static int64_t BinOf(const std::vector<float> &sums, float target) {
    const float *from = sums.data() + 1;
    int64_t left = static_cast<int64_t>(sums.size()) - 1, passed = 0;
    while (left > 0) {
      const int64_t half = (left + 1) / 2;
      passed += from[passed + half - 1] <= target ? half : 0;
      left -= half;
    }
    return passed;
  }

  // Positions rise with draws, so those of a bin are written as often as it was drawn: nothing is sorted.
  static void LeftEdges(Room &room, const float *uniform, int64_t samples, float *out) {
    const int64_t bins = static_cast<int64_t>(room.counts.size());
    std::fill(room.counts.begin(), room.counts.end(), 0);
    for (int64_t i = 0; i < samples; i++) {
      room.counts[std::min(BinOf(room.sums, uniform[i] * room.sums[bins]), bins - 1)]++;
    }
    for (int64_t k = 0; k < bins; k++) {
      const float edge = static_cast<float>(k) / static_cast<float>(bins);
      out = std::fill_n(out, room.counts[k], edge);
    }
  }

  static void Within(Room &room, const float *mass, const float *uniform, int64_t samples, float *out) {
    const int64_t bins = static_cast<int64_t>(room.counts.size());
    for (int64_t i = 0; i < samples; i++) {
      const float target = uniform[i] * room.sums[bins];
      const int64_t bin = BinOf(room.sums, target);
      float place = static_cast<float>(bin);
      if (bin < bins) place += Share(target - room.sums[bin], mass[bin]);
      out[i] = place / static_cast<float>(bins);
    }
    // NaN draws have no order: they come last.
    std::sort(out, std::partition(out, out + samples, [](float x) { return x == x; }));
  }

  static float Share(float passed, float mass) {
    const float share = passed / std::max(mass, 1e-30f);
    return share < 0 ? 0 : share > 1 ? 1 : share;
  }

  const bool within_;
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_DRAW_POSITIONS_OP_H_
