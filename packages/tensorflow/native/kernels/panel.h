#ifndef INFINITE_FORMER_KERNELS_PANEL_H_
#define INFINITE_FORMER_KERNELS_PANEL_H_

// Small matrix products, from operands that lie in caches: every product of an
// attention is one of these.

// c[i, n] (+)= Σ_k a[i·row + k·step] · b[k·bStep + n] for ROWS rows and
// VECTORS · kLanes columns, all sums in registers.
template <int ROWS, int VECTORS>
INLINE void Tile(int64_t count, const float *a, int64_t row, int64_t step, const float *b, int64_t b_step, float *c,
                 int64_t c_step, bool add) {
  Vec sums[ROWS][VECTORS];
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) sums[i][v] = add ? Load(c + i * c_step + v * kLanes) : Vec{};
  }
  for (int64_t k = 0; k < count; k++) {
    Vec right[VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) right[v] = Load(b + k * b_step + v * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
      const Vec left = Splat(a[i * row + k * step]);
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; v++) sums[i][v] += left * right[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) Store(c + i * c_step + v * kLanes, sums[i][v]);
  }
}

template <int VECTORS>
static void TileRows(int rows, int64_t count, const float *a, int64_t row, int64_t step, const float *b,
                     int64_t b_step, float *c, int64_t c_step, bool add) {
  switch (rows) {
    case 6: return Tile<6, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
    case 5: return Tile<5, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
    case 4: return Tile<4, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
    case 3: return Tile<3, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
    case 2: return Tile<2, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
    default: return Tile<1, VECTORS>(count, a, row, step, b, b_step, c, c_step, add);
  }
}

// The same for any number of rows and a multiple of kLanes of columns.
static void Product(int64_t rows, int64_t columns, int64_t count, const float *a, int64_t row, int64_t step,
                    const float *b, int64_t b_step, float *c, int64_t c_step, bool add) {
  for (int64_t n = 0; n < columns;) {
    const int64_t left = (columns - n) / kLanes;
    const int vectors = left < kPanelVectors ? (int)left : kPanelVectors;
    for (int64_t i = 0; i < rows; i += kPanelRows) {
      const int some = rows - i < kPanelRows ? (int)(rows - i) : kPanelRows;
      const float *top = a + i * row;
      float *out = c + i * c_step + n;
      switch (vectors) {
        case 4: TileRows<4>(some, count, top, row, step, b + n, b_step, out, c_step, add); break;
        case 3: TileRows<3>(some, count, top, row, step, b + n, b_step, out, c_step, add); break;
        case 2: TileRows<2>(some, count, top, row, step, b + n, b_step, out, c_step, add); break;
        default: TileRows<1>(some, count, top, row, step, b + n, b_step, out, c_step, add); break;
      }
    }
    n += vectors * kLanes;
  }
}

constexpr int64_t kPanel = kPanelVectors * kLanes;

INLINE int64_t RoundUp(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

// One step of the transposition of a square of lanes: exchanges blocks of BLOCK
// lanes between two rows that lie BLOCK apart.
template <int BLOCK, int... LANE>
INLINE void Exchange(Vec &a, Vec &b, std::integer_sequence<int, LANE...>) {
  const Vec low = __builtin_shufflevector(a, b, (LANE & BLOCK ? kLanes + LANE - BLOCK : LANE)...);
  const Vec high = __builtin_shufflevector(a, b, (LANE & BLOCK ? kLanes + LANE : LANE + BLOCK)...);
  a = low;
  b = high;
}
template <int BLOCK>
INLINE void ExchangeAll(Vec rows[kLanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i++) {
    if (!(i & BLOCK)) Exchange<BLOCK>(rows[i], rows[i | BLOCK], std::make_integer_sequence<int, kLanes>{});
  }
}

// kLanes rows of kLanes numbers become columns.
INLINE void Transpose(Vec rows[kLanes]) {
  ExchangeAll<1>(rows);
  ExchangeAll<2>(rows);
  if constexpr (kLanes > 4) ExchangeAll<4>(rows);
  if constexpr (kLanes > 8) ExchangeAll<8>(rows);
}

// Rows of `from` as panels of columns: panel p holds rows p·kPanel… of the
// matrix, transposed to [size, kPanel]; rows beyond the last are zero.
static void PackTransposed(const float *from, int64_t step, int64_t rows, int64_t size, float *panels) {
  for (int64_t j = 0; j < RoundUp(rows, kPanel); j += kLanes) {
    float *panel = panels + j / kPanel * kPanel * size + j % kPanel;
    const int64_t some = rows - j < kLanes ? (rows > j ? rows - j : 0) : kLanes;
    for (int64_t d = 0; d < size; d += kLanes) {
      const int64_t wide = size - d < kLanes ? size - d : kLanes;
      Vec square[kLanes] = {};
      if (some == kLanes && wide == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; i++) square[i] = Load(from + (j + i) * step + d);
      } else {
        for (int64_t i = 0; i < some; i++) std::memcpy(&square[i], from + (j + i) * step + d, wide * sizeof(float));
      }
      Transpose(square);
      for (int64_t i = 0; i < wide; i++) Store(panel + (d + i) * kPanel, square[i]);
    }
  }
}

// Rows of `from` widened to `wide` ≥ size columns, with zeros.
static void PackRows(const float *from, int64_t step, int64_t rows, int64_t size, float *to, int64_t wide) {
  for (int64_t j = 0; j < rows; j++) {
    std::memcpy(to + j * wide, from + j * step, size * sizeof(float));
    std::memset(to + j * wide + size, 0, (wide - size) * sizeof(float));
  }
}

// c[i, j] = Σ_d a[i·wide + d] · from[j, d] for the columns of the panels from
// `begin` (a multiple of kPanel) to at least `end`.
static void ScoreRows(int64_t rows, int64_t size, const float *a, int64_t wide, const float *panels, int64_t begin,
                      int64_t end, float *c, int64_t c_step) {
  for (int64_t j = begin; j < end; j += kPanel) {
    Product(rows, kPanel, size, a, wide, 1, panels + j * size, kPanel, c + j, c_step, false);
  }
}

#endif  // INFINITE_FORMER_KERNELS_PANEL_H_
