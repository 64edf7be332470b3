#ifndef INFINITE_FORMER_KERNELS_RING_ATTENTION_H_
#define INFINITE_FORMER_KERNELS_RING_ATTENTION_H_

// Attention of one query: its key and value go into the rings, and what it sees
// of them is two runs of slots, the oldest first. What it does not see is not read.

static int64_t RingAttentionScratch(const RingAttention &x) {
  return RoundUp(x.slots, kLanes) + 3 * RowVectors(x.size).count * kLanes;
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

  float *scores = scratch, *query = scores + RoundUp(x.slots, kLanes), *sums = query + l.count * kLanes;
  float *biased = sums + l.count * kLanes;
  const auto pack = [&](const float *bias) {
    for (int64_t d = 0; d < x.size; d++) biased[d] = (projected[d] + (bias ? bias[own + d] : 0.f)) * x.scale;
    PackQuery(l, biased, query);
  };
  const int64_t reach = x.reach[row] < 0 ? 0 : x.reach[row] < x.slots ? x.reach[row] : x.slots - 1;
  const int64_t seen = reach + 1, newer = x.slot + 1 < seen ? x.slot + 1 : seen, older = seen - newer;
  const int64_t old = (x.slots - older) * x.size, young = (x.slot + 1 - newer) * x.size;
  pack(x.content);
  RowScores(l, query, keys + old, older, scores, false);
  RowScores(l, query, keys + young, newer, scores + older, false);
  if (x.distances != nullptr) {
    if (x.content != x.position) pack(x.position);
    RowScores(l, query, x.distances + (head * x.slots + x.slots - seen) * x.size, seen, scores, true);
  }
  const float total = Exponentials(scores, seen);
  std::memset(sums, 0, l.count * kLanes * sizeof(float));
  AddRows(l, scores, values + old, older, sums);
  AddRows(l, scores + older, values + young, newer, sums);
  UnpackRow(l, sums, 1 / total, x.out + row * width + own);
}

#endif  // INFINITE_FORMER_KERNELS_RING_ATTENTION_H_
