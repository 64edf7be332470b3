#ifndef INFINITE_FORMER_KERNELS_RING_ATTENTION_H_
#define INFINITE_FORMER_KERNELS_RING_ATTENTION_H_

// Attention of one query: its key and value go into the rings, and what it sees
// of them is two runs of slots, the oldest first. What it does not see is not read.

static int64_t RingAttentionScratch(const RingAttention &x) {
  return RoundUp(x.slots + x.older_slots, kLanes) + 3 * RowVectors(x.size).count * kLanes;
}

// weights = e^(scores − largest); their sum.
static float Exponentials(float *scores, int64_t count) {
  Vec most = Splat(scores[0]);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) most = Max(most, Load(scores + i));
  float largest = MaxLanes(most);
  for (; i < count; i++) largest = scores[i] > largest ? scores[i] : largest;
  Vec sums{};
  for (i = 0; i + kLanes <= count; i += kLanes) {
    const Vec e = Exp(Load(scores + i) - largest);
    Store(scores + i, e);
    sums += e;
  }
  if (i < count) {
    float last[kLanes];
    Store(last, Exp(LoadSome(scores + i, count - i) - largest));
    for (int64_t at = count - i; at < kLanes; at++) last[at] = 0;
    sums += Load(last);
    StoreSome(scores + i, Load(last), count - i);
  }
  return SumLanes(sums);
}

static void RingAttentionOf(const RingAttention &x, int64_t row, int64_t head, float *scratch) {
  const RowVectors l(x.size);
  const int64_t width = x.heads * x.size, own = head * x.size, ring = (row * x.heads + head) * x.slots * x.size;
  const float *projected = x.projected + row * 3 * width + own;
  float *keys = x.keys + ring, *values = x.values + ring;
  std::memcpy(keys + x.slot * x.size, projected + width, x.size * sizeof(float));
  std::memcpy(values + x.slot * x.size, projected + 2 * width, x.size * sizeof(float));

  float *scores = scratch, *query = scores + RoundUp(x.slots + x.older_slots, kLanes), *sums = query + l.count * kLanes;
  float *biased = sums + l.count * kLanes;
  const auto pack = [&](const float *bias) {
    for (int64_t d = 0; d < x.size; d++) biased[d] = (projected[d] + (bias ? bias[own + d] : 0.f)) * x.scale;
    PackQuery(l, biased, query);
  };
  // Three runs, the furthest first: older rows, slots behind the newest one's, slots up to it.
  const int64_t behind = OlderSeen(x, row), seen = RingSeen(x, row), all = behind + seen;
  const int64_t newer = x.slot + 1 < seen ? x.slot + 1 : seen;
  const int64_t counts[3] = {behind, seen - newer, newer};
  const int64_t older = ((row * x.heads + head) * x.older_slots + x.older_slots - behind) * x.size;
  const int64_t at[3] = {older, (x.slots - counts[1]) * x.size, (x.slot + 1 - newer) * x.size};
  const float *const key_runs[3] = {x.older_keys, keys, keys}, *const value_runs[3] = {x.older_values, values, values};
  pack(x.content);
  for (int64_t run = 0, from = 0; run < 3; from += counts[run++]) {
    if (counts[run] > 0) RowScores(l, query, key_runs[run] + at[run], counts[run], scores + from, false);
  }
  if (x.distances != nullptr) {
    if (x.content != x.position) pack(x.position);
    const int64_t origin = x.origin != nullptr ? x.origin[row] : x.table_rows - 1;
    RowScores(l, query, x.distances + (head * x.table_rows + origin + 1 - all) * x.size, all, scores, true);
  }
  const float total = Exponentials(scores, all);
  std::memset(sums, 0, l.count * kLanes * sizeof(float));
  for (int64_t run = 0, from = 0; run < 3; from += counts[run++]) {
    if (counts[run] > 0) AddRows(l, scores + from, value_runs[run] + at[run], counts[run], sums);
  }
  UnpackRow(l, sums, 1 / total, x.out + row * width + own);
}

#endif  // INFINITE_FORMER_KERNELS_RING_ATTENTION_H_
