#ifndef INFINITE_FORMER_KERNELS_ONE_QUERY_H_
#define INFINITE_FORMER_KERNELS_ONE_QUERY_H_

// Products of one vector with rows in memory, as reading a past for one token
// needs them. A row of `size` numbers is whole vectors from its begin and, where
// that leaves some over, one that ends with the row and counts only what is left:
// nothing beyond a row is read.

struct RowVectors {
  int64_t size;
  int64_t count;  // vectors of a row
  bool narrow;    // a row is shorter than a vector
  explicit RowVectors(int64_t s) : size(s), count((s + kLanes - 1) / kLanes), narrow(s < kLanes) {}
  int64_t At(int64_t v) const { return narrow ? 0 : (v + 1) * kLanes <= size ? v * kLanes : size - kLanes; }
};

template <bool NARROW>
INLINE Vec RowVector(const float *at, int64_t size) {
  return NARROW ? LoadSome(at, size) : Load(at);
}

// A query as the vectors of a row, zeros where the last one meets what the one before it has.
static void PackQuery(const RowVectors &l, const float *from, float *to) {
  for (int64_t v = 0; v < l.count; v++) {
    for (int64_t i = 0; i < kLanes; i++) {
      const int64_t d = l.At(v) + i;
      to[v * kLanes + i] = d >= v * kLanes && d < l.size ? from[d] : 0.f;
    }
  }
}

// Sums of kLanes vectors, one a lane.
template <int BLOCK>
INLINE void SumPairs(Vec rows[kLanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i += 2 * BLOCK) {
    Exchange<BLOCK>(rows[i], rows[i + BLOCK], std::make_integer_sequence<int, kLanes>{});
    rows[i] += rows[i + BLOCK];
  }
}
INLINE Vec SumEach(Vec rows[kLanes]) {
  SumPairs<1>(rows);
  SumPairs<2>(rows);
  if constexpr (kLanes > 4) SumPairs<4>(rows);
  if constexpr (kLanes > 8) SumPairs<8>(rows);
  return rows[0];
}

// to[i] (+)= query · rows[i] for i < count; `query` as PackQuery gives it.
template <bool NARROW>
static void RowScoresOf(const RowVectors &l, const float *query, const float *rows, int64_t count, float *to,
                        bool add) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t some = count - i < kLanes ? count - i : kLanes;
    const float *from = rows + i * l.size;
    Vec sums[kLanes] = {};
    for (int64_t v = 0; v < l.count; v++) {
      const Vec q = Load(query + v * kLanes);
      const float *at = from + l.At(v);
      if (some == kLanes) {
#pragma GCC unroll 16
        for (int s = 0; s < kLanes; s++) sums[s] += q * RowVector<NARROW>(at + s * l.size, l.size);
      } else {
        for (int64_t s = 0; s < some; s++) sums[s] += q * RowVector<NARROW>(at + s * l.size, l.size);
      }
    }
    const Vec scores = SumEach(sums);
    if (some == kLanes) Store(to + i, add ? Load(to + i) + scores : scores);
    else StoreSome(to + i, add ? LoadSome(to + i, some) + scores : scores, some);
  }
}
static void RowScores(const RowVectors &l, const float *query, const float *rows, int64_t count, float *to, bool add) {
  if (l.narrow) RowScoresOf<true>(l, query, rows, count, to, add);
  else RowScoresOf<false>(l, query, rows, count, to, add);
}

template <int VECTORS, bool NARROW>
INLINE void AddRowsOf(const RowVectors &l, int64_t first, const float *weights, const float *rows, int64_t count,
                      float *sums) {
  Vec even[VECTORS], odd[VECTORS] = {};
  int64_t at[VECTORS];
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; v++) {
    even[v] = Load(sums + (first + v) * kLanes);
    at[v] = l.At(first + v);
  }
  int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    const Vec one = Splat(weights[i]), two = Splat(weights[i + 1]);
    const float *row = rows + i * l.size;
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) {
      even[v] += one * RowVector<NARROW>(row + at[v], l.size);
      odd[v] += two * RowVector<NARROW>(row + l.size + at[v], l.size);
    }
  }
  if (i < count) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) {
      even[v] += weights[i] * RowVector<NARROW>(rows + i * l.size + at[v], l.size);
    }
  }
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; v++) Store(sums + (first + v) * kLanes, even[v] + odd[v]);
}

// sums += Σ_i weights[i] · rows[i], in the vectors of a row.
static void AddRows(const RowVectors &l, const float *weights, const float *rows, int64_t count, float *sums) {
  if (l.narrow) return AddRowsOf<1, true>(l, 0, weights, rows, count, sums);
  for (int64_t v = 0; v < l.count; v += 4) {
    switch (l.count - v) {
      case 1: AddRowsOf<1, false>(l, v, weights, rows, count, sums); break;
      case 2: AddRowsOf<2, false>(l, v, weights, rows, count, sums); break;
      case 3: AddRowsOf<3, false>(l, v, weights, rows, count, sums); break;
      default: AddRowsOf<4, false>(l, v, weights, rows, count, sums);
    }
  }
}

// A row from the vectors of its sums, times a factor.
static void UnpackRow(const RowVectors &l, const float *sums, float factor, float *to) {
  if (l.narrow) return StoreSome(to, Load(sums) * factor, l.size);
  for (int64_t v = 0; v < l.count; v++) Store(to + l.At(v), Load(sums + v * kLanes) * factor);
}

#endif  // INFINITE_FORMER_KERNELS_ONE_QUERY_H_
