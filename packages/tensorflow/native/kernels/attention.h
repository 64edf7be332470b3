#ifndef INFINITE_FORMER_KERNELS_ATTENTION_H_
#define INFINITE_FORMER_KERNELS_ATTENTION_H_

// Attention a few queries at a time: their scores never leave the caches, and
// keys that no query of the block may see are not touched. (Dao et al. 2022,
// "FlashAttention", for the idea; here whole rows of scores fit the cache, so
// there is no running maximum.)

#include "philox.h"

constexpr float kHidden = -1e30f;

// Queries at a time, so that two blocks of scores stay within half a megabyte each.
INLINE int64_t BlockRows(const Attention &x) {
  const int64_t fit = 131072 / (x.keys + kPanel) / kPanelRows * kPanelRows;
  return fit < kPanelRows ? kPanelRows : fit > 48 ? 48 : fit;
}

// Sizes that all passes share.
struct Layout {
  int64_t rows;   // queries at a time
  int64_t wide;   // size, rounded up to whole vectors
  int64_t step;   // from one row of scores to the next; odd in cache lines, so that columns fall into many sets
  int64_t keys;   // rounded up to panels
  int64_t table;  // rows of r in use (keys of them), rounded up to panels
  explicit Layout(const Attention &x)
      : rows(BlockRows(x)),
        wide(RoundUp(x.size, kLanes)),
        step(RoundUp(x.keys, kPanel) + kPanel + 16),
        keys(RoundUp(x.keys, kPanel)),
        table(x.r ? RoundUp(x.keys, kPanel) : 0) {}
};

// One pair of batch row and head.
struct Pair {
  int64_t b, h;
  const float *q, *k, *v, *r, *u, *w;
  int64_t row;  // stride between rows of q, out and r
  int64_t first;
  Pair(const Attention &x, int64_t pair) : b(pair / x.heads), h(pair % x.heads) {
    row = x.heads * x.size;
    q = x.q + b * x.queries * row + h * x.size;
    k = x.k + b * x.kv_batch + h * x.size;
    v = x.v + b * x.kv_batch + h * x.size;
    r = x.r ? x.r + b * x.r_batch + h * x.size : nullptr;
    u = x.u ? x.u + h * x.size : nullptr;
    w = x.w ? x.w + h * x.size : nullptr;
    const float start = x.first ? x.first[b] : 0;
    // The own key is always seen, so that no row is empty.
    first = start > 0 ? (int64_t)start : 0;
    if (first > x.keys - x.queries) first = x.keys - x.queries;
  }
};

// (q + bias) · scale for some queries, rows widened with zeros.
static void ScaledQueries(const Attention &x, const Pair &p, const float *bias, int64_t from, int64_t rows,
                          int64_t wide, float *to) {
  for (int64_t i = 0; i < rows; i++) {
    const float *q = p.q + (from + i) * p.row;
    float *out = to + i * wide;
    for (int64_t d = 0; d < x.size; d++) out[d] = (q[d] + (bias ? bias[d] : 0.f)) * x.scale;
    for (int64_t d = x.size; d < wide; d++) out[d] = 0;
  }
}

// Products of a block of queries with keys and distances. `content` and
// `distance` are [rows, step].
static void BlockScores(const Attention &x, const Layout &l, int64_t first, int64_t from, int64_t rows,
                        const float *qu, const float *qw, const float *key_panels, const float *table_panels,
                        float *content, float *distance) {
  const int64_t last = x.keys - x.queries + from + rows;  // one past the last key that the block sees
  ScoreRows(rows, x.size, qu, l.wide, key_panels, first / kPanel * kPanel, last, content, l.step);
  if (!x.r) return;
  const int64_t low = first + x.queries - from - rows;  // least row of r in use
  ScoreRows(rows, x.size, qw, l.wide, table_panels, low / kPanel * kPanel, x.keys, distance, l.step);
}

// Sums content and shifted distance scores of one row in place, hides what must
// not be seen in the vectors at both ends, and returns the largest.
static float SumRow(float *scores, const float *distance, int64_t begin, int64_t first, int64_t end) {
  Vec most = Splat(kHidden);
  const int64_t whole = (end - 1) / kLanes * kLanes;  // start of the last vector
  if (distance) {
    for (int64_t j = begin; j <= whole; j += kLanes) Store(scores + j, Load(scores + j) + Load(distance + j));
  }
  for (int64_t j = begin; j < first; j++) scores[j] = kHidden;
  for (int64_t j = end; j < whole + kLanes; j++) scores[j] = kHidden;
  for (int64_t j = begin; j <= whole; j += kLanes) most = Max(most, Load(scores + j));
  return MaxLanes(most);
}

// exp(scores − top) in place over the vectors that SumRow has filled, zeros from
// there to `columns`; returns the sum.
static float ExpRow(float *scores, float top, int64_t begin, int64_t end, int64_t columns) {
  Vec sum{};
  int64_t j = begin;
  for (; j < end; j += kLanes) {
    const Vec e = Exp(Load(scores + j) - top);
    Store(scores + j, e);
    sum += e;
  }
  if (j < columns) std::memset(scores + j, 0, (columns - j) * sizeof(float));
  return SumLanes(sum);
}

// Factors of one row's weights for the keys from `begin` on, whole vectors until `end`; `room` is FactorRoom floats.
static const float *RowFactors(const Attention &x, const Draws &draws, int64_t pair, int64_t query, int64_t begin,
                               int64_t end, float *room) {
  return KeepFactors(draws, x.rate, x.keep, (pair * x.queries + query) * x.keys + begin, RoundUp(end - begin, kLanes),
                     room);
}

INLINE int64_t FactorRoom(const Attention &x) { return x.drop ? RoundUp(x.keys, kLanes) + 2 * kDraws + kLanes : 0; }

static int64_t AttentionScratch(const Attention &x) {
  const Layout l(x);
  return FactorRoom(x) + (l.keys + l.table) * x.size + l.keys * l.wide + 2 * l.rows * l.step + 3 * l.rows * l.wide + 256;
}

static void AttentionForward(const Attention &x, const AttentionResult &y, int64_t pair, int64_t part, int64_t parts,
                             float *scratch) {
  const Layout l(x);
  const Pair p(x, pair);
  float *key_panels = scratch;
  float *table_panels = key_panels + l.keys * x.size;
  float *values = table_panels + l.table * x.size;
  float *scores = values + l.keys * l.wide;
  float *distance = scores + l.rows * l.step;
  float *qu = distance + l.rows * l.step;
  float *qw = qu + l.rows * l.wide;
  float *sums = qw + l.rows * l.wide;
  float *room = sums + l.rows * l.wide;
  const Draws draws(x.seed);
  std::memset(scores, 0, 2 * l.rows * l.step * sizeof(float));  // what is read beyond the scores is finite

  const int64_t blocks = (x.queries + l.rows - 1) / l.rows;
  const int64_t begin_block = blocks * part / parts, end_block = blocks * (part + 1) / parts;
  if (begin_block == end_block) return;
  PackTransposed(p.k, x.kv_row, x.keys, x.size, key_panels);
  if (x.r) PackTransposed(p.r, p.row, x.keys, x.size, table_panels);
  PackRows(p.v, x.kv_row, x.keys, x.size, values, l.wide);

  for (int64_t block = begin_block; block < end_block; block++) {
    const int64_t from = block * l.rows;
    const int64_t rows = x.queries - from < l.rows ? x.queries - from : l.rows;
    const int64_t columns = x.keys - x.queries + from + rows;
    const int64_t begin = p.first / kLanes * kLanes;
    ScaledQueries(x, p, p.u, from, rows, l.wide, qu);
    if (x.r) ScaledQueries(x, p, p.w, from, rows, l.wide, qw);
    BlockScores(x, l, p.first, from, rows, qu, qw, key_panels, table_panels, scores, distance);
    float inverse[48];
    for (int64_t i = 0; i < rows; i++) {
      const int64_t end = x.keys - x.queries + from + i + 1;
      float *row = scores + i * l.step;
      const float *shifted = x.r ? distance + i * l.step + x.queries - 1 - from - i : nullptr;
      const float top = SumRow(row, shifted, begin, p.first, end);
      const float sum = ExpRow(row, top, begin, end, columns);
      inverse[i] = 1 / sum;
      if (y.lse) y.lse[pair * x.queries + from + i] = top + __builtin_logf(sum);
      if (!x.drop) continue;
      const float *keep = RowFactors(x, draws, pair, from + i, begin, end, room) - begin;
      for (int64_t j = begin; j < end; j += kLanes) Store(row + j, Load(row + j) * Load(keep + j));
    }
    Product(rows, l.wide, columns - begin, scores + begin, l.step, 1, values + begin * l.wide, l.wide, sums, l.wide,
            false);
    for (int64_t i = 0; i < rows; i++) {
      float *out = y.out + ((p.b * x.queries + from + i) * x.heads + p.h) * x.size;
      for (int64_t d = 0; d < x.size; d++) out[d] = sums[i * l.wide + d] * inverse[i];
    }
  }
}

static int64_t AttentionGradientScratch(const Attention &x) {
  const Layout l(x);
  const int64_t panels = (2 * l.keys + l.table) * x.size;  // keys, values, distances
  const int64_t rows = (l.keys + l.table) * l.wide;        // keys, distances
  const int64_t sums = (2 * l.keys + l.table) * l.wide;    // gradients of keys, values, distances
  return FactorRoom(x) + panels + rows + sums + 4 * l.rows * l.step + 6 * l.rows * l.wide + 2 * l.wide + 256;
}

static void AttentionBackward(const Attention &x, const AttentionGradient &y, int64_t pair, float *scratch) {
  const Layout l(x);
  const Pair p(x, pair);
  float *at = scratch;
  const auto take = [&at](int64_t count) {
    float *start = at;
    at += count;
    return start;
  };
  float *key_panels = take(l.keys * x.size), *value_panels = take(l.keys * x.size);
  float *table_panels = take(l.table * x.size);
  float *key_rows = take(l.keys * l.wide), *table_rows = take(l.table * l.wide);
  float *dk = take(l.keys * l.wide), *dv = take(l.keys * l.wide), *dr = take(l.table * l.wide);
  float *weights = take(l.rows * l.step), *distance = take(l.rows * l.step);
  float *slopes = take(l.rows * l.step);
  float *qu = take(l.rows * l.wide), *qw = take(l.rows * l.wide), *cotangent = take(l.rows * l.wide);
  float *dqu = take(l.rows * l.wide), *dqw = take(l.rows * l.wide);
  float *du = take(l.wide), *dw = take(l.wide);
  float *room = take(FactorRoom(x));
  const Draws draws(x.seed);
  std::memset(weights, 0, 3 * l.rows * l.step * sizeof(float));
  std::memset(dk, 0, (2 * l.keys + l.table) * l.wide * sizeof(float));
  std::memset(du, 0, 2 * l.wide * sizeof(float));
  PackTransposed(p.k, x.kv_row, x.keys, x.size, key_panels);
  PackTransposed(p.v, x.kv_row, x.keys, x.size, value_panels);
  PackRows(p.k, x.kv_row, x.keys, x.size, key_rows, l.wide);
  if (x.r) {
    PackTransposed(p.r, p.row, x.keys, x.size, table_panels);
    PackRows(p.r, p.row, x.keys, x.size, table_rows, l.wide);
  }

  for (int64_t from = 0; from < x.queries; from += l.rows) {
    const int64_t rows = x.queries - from < l.rows ? x.queries - from : l.rows;
    const int64_t columns = x.keys - x.queries + from + rows;
    const int64_t begin = p.first / kLanes * kLanes;
    ScaledQueries(x, p, p.u, from, rows, l.wide, qu);
    if (x.r) ScaledQueries(x, p, p.w, from, rows, l.wide, qw);
    BlockScores(x, l, p.first, from, rows, qu, qw, key_panels, table_panels, weights, distance);
    const int64_t row0 = (p.b * x.queries + from) * p.row + p.h * x.size;
    PackRows(y.cotangent + row0, p.row, rows, x.size, cotangent, l.wide);
    ScoreRows(rows, x.size, cotangent, l.wide, value_panels, p.first / kPanel * kPanel, columns, slopes, l.step);

    // Distances of the block: row i of `distance` holds its slopes again, shifted back.
    const int64_t low = x.r ? (p.first + x.queries - from - rows) / kLanes * kLanes : 0;
    for (int64_t i = 0; i < rows; i++) {
      const int64_t end = x.keys - x.queries + from + i + 1;
      const int64_t shift = x.queries - 1 - from - i;
      float *weight = weights + i * l.step, *slope = slopes + i * l.step;
      SumRow(weight, x.r ? distance + i * l.step + shift : nullptr, begin, p.first, end);
      ExpRow(weight, y.lse[pair * x.queries + from + i], begin, end, columns);
      const float *out = y.out + row0 + i * p.row, *dout = y.cotangent + row0 + i * p.row;
      float along = 0;
      for (int64_t d = 0; d < x.size; d++) along += out[d] * dout[d];
      int64_t j = begin;
      if (x.drop) {
        const float *keep = RowFactors(x, draws, pair, from + i, begin, end, room) - begin;
        for (; j < end; j += kLanes) {
          const Vec p = Load(weight + j), factor = Load(keep + j);
          Store(slope + j, p * (factor * Load(slope + j) - along));
          Store(weight + j, p * factor);
        }
      }
      for (; j < end; j += kLanes) Store(slope + j, Load(weight + j) * (Load(slope + j) - along));
      if (j < columns) std::memset(slope + j, 0, (columns - j) * sizeof(float));
      if (!x.r) continue;
      float *back = distance + i * l.step;
      if (low < p.first + shift) std::memset(back + low, 0, (p.first + shift - low) * sizeof(float));
      std::memcpy(back + p.first + shift, slope + p.first, (end - p.first) * sizeof(float));
    }

    const int64_t seen = columns - begin;
    Product(rows, l.wide, seen, slopes + begin, l.step, 1, key_rows + begin * l.wide, l.wide, dqu, l.wide, false);
    Product(seen, l.wide, rows, slopes + begin, 1, l.step, qu, l.wide, dk + begin * l.wide, l.wide, true);
    Product(seen, l.wide, rows, weights + begin, 1, l.step, cotangent, l.wide, dv + begin * l.wide, l.wide, true);
    if (x.r) {
      const int64_t used = x.keys - low;
      Product(rows, l.wide, used, distance + low, l.step, 1, table_rows + low * l.wide, l.wide, dqw, l.wide, false);
      Product(used, l.wide, rows, distance + low, 1, l.step, qw, l.wide, dr + low * l.wide, l.wide, true);
    }
    for (int64_t i = 0; i < rows; i++) {
      float *dq = y.dq + row0 + i * p.row;
      const float *content = dqu + i * l.wide, *position = dqw + i * l.wide;
      for (int64_t d = 0; d < x.size; d++) {
        const float a = content[d] * x.scale, b = x.r ? position[d] * x.scale : 0.f;
        dq[d] = a + b;
        du[d] += a;
        dw[d] += b;
      }
    }
  }

  float *out_k = y.dk + p.b * x.kv_batch + p.h * x.size, *out_v = y.dv + p.b * x.kv_batch + p.h * x.size;
  for (int64_t j = 0; j < x.keys; j++) {
    std::memcpy(out_k + j * x.kv_row, dk + j * l.wide, x.size * sizeof(float));
    std::memcpy(out_v + j * x.kv_row, dv + j * l.wide, x.size * sizeof(float));
  }
  if (x.r) {
    float *out_r = y.dr + p.b * x.r_rows * p.row + p.h * x.size;
    for (int64_t c = 0; c < x.r_rows; c++) {
      if (c < x.keys) std::memcpy(out_r + c * p.row, dr + c * l.wide, x.size * sizeof(float));
      else std::memset(out_r + c * p.row, 0, x.size * sizeof(float));
    }
  }
  if (y.du) std::memcpy(y.du + pair * x.size, du, x.size * sizeof(float));
  if (y.dw) std::memcpy(y.dw + pair * x.size, dw, x.size * sizeof(float));
}

#endif  // INFINITE_FORMER_KERNELS_ATTENTION_H_
