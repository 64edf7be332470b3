#ifndef INFINITE_FORMER_KERNELS_ROW_LINEAR_H_
#define INFINITE_FORMER_KERNELS_ROW_LINEAR_H_

// Few rows times a matrix: what counts is that the matrix streams through once, so
// every weight meets all rows while it is in a register, and what comes next is
// asked for in time. Included after activation.h.

constexpr int kStep = 8;   // rows of a plain matrix that are read side by side
constexpr int kGroup = kLanes >= 16 ? 8 : 4;    // rows of x whose sums fit the registers
constexpr int kAcross = kLanes >= 16 ? 3 : 2;   // rows of a transposed matrix beside them

// y = act(sum + bias) + residual of some columns of a row.
INLINE void FinishRow(const RowLinear &l, int64_t row, int64_t left, int64_t width, const float *sum) {
  const int64_t at = row * l.outputs + left;
  for (int64_t j = 0; j < width; j += kLanes) {
    const int64_t some = width - j < kLanes ? width - j : kLanes;
    const bool whole = some == kLanes;
    Vec x = whole ? Load(sum + j) : LoadSome(sum + j, some);
    if (l.bias) x += whole ? Load(l.bias + left + j) : LoadSome(l.bias + left + j, some);
    x = BendOf(l.kind, x).value;
    if (l.residual) x += whole ? Load(l.residual + at + j) : LoadSome(l.residual + at + j, some);
    if (whole) Store(l.y + at + j, x);
    else StoreSome(l.y + at + j, x, some);
  }
}

static void RowLinearFinish(const RowLinear &l, int64_t left, int64_t right, const float *sums) {
  for (int64_t m = 0; m < l.rows; m++) FinishRow(l, m, left, right - left, sums + m * kRowLinearStride);
}

// sums[m] += Σ x[m, i] · kernel[i, left … right − 1] over `COUNT` rows of the matrix from `from` on.
template <int COUNT>
INLINE void AddRows(const RowLinear &l, int64_t from, int64_t left, int64_t right, float *sums) {
  float x[kRowLinearRows][COUNT];
  for (int64_t m = 0; m < l.rows; m++) {
    for (int i = 0; i < COUNT; i++) x[m][i] = l.x[m * l.inputs + from + i];
  }
  const float *kernel = l.kernel + from * l.outputs + left;
  const int64_t width = right - left;
  int64_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    Vec k[COUNT];
    for (int i = 0; i < COUNT; i++) {
      k[i] = Load(kernel + i * l.outputs + j);
      __builtin_prefetch(kernel + (i + COUNT) * l.outputs + j, 0, 2);
    }
    for (int64_t m = 0; m < l.rows; m++) {
      float *to = sums + m * kRowLinearStride + j;
      Vec sum = Load(to);
      for (int i = 0; i < COUNT; i++) sum += x[m][i] * k[i];
      Store(to, sum);
    }
  }
  for (; j < width; j++) {
    for (int64_t m = 0; m < l.rows; m++) {
      float *to = sums + m * kRowLinearStride + j;
      for (int i = 0; i < COUNT; i++) *to += x[m][i] * kernel[i * l.outputs + j];
    }
  }
}

static void RowLinearSums(const RowLinear &l, int64_t from, int64_t to, int64_t left, int64_t right, float *sums) {
  for (int64_t m = 0; m < l.rows; m++) {
    std::memset(sums + m * kRowLinearStride, 0, (right - left) * sizeof(float));
  }
  int64_t i = from;
  for (; i + kStep <= to; i += kStep) AddRows<kStep>(l, i, left, right, sums);
  for (; i < to; i++) AddRows<1>(l, i, left, right, sums);
}

// Products of `ROWS` rows of x with `COUNT` rows of a transposed matrix.
template <int ROWS, int COUNT>
INLINE void DotRows(const RowLinear &l, int64_t row, int64_t column, float *sums) {
  Vec total[ROWS][COUNT] = {};
  const float *kernel = l.kernel + column * l.inputs, *x = l.x + row * l.inputs;
  const int64_t size = l.inputs, whole = size / kLanes * kLanes, rest = size - whole;
  for (int64_t i = 0; i < whole; i += kLanes) {
    Vec k[COUNT];
    for (int c = 0; c < COUNT; c++) {
      k[c] = Load(kernel + c * size + i);
      __builtin_prefetch(kernel + (c + COUNT) * size + i, 0, 2);
    }
    for (int m = 0; m < ROWS; m++) {
      const Vec v = Load(x + m * size + i);
      for (int c = 0; c < COUNT; c++) total[m][c] += v * k[c];
    }
  }
  if (rest > 0) {
    for (int m = 0; m < ROWS; m++) {
      const Vec v = LoadSome(x + m * size + whole, rest);
      for (int c = 0; c < COUNT; c++) total[m][c] += v * LoadSome(kernel + c * size + whole, rest);
    }
  }
  for (int m = 0; m < ROWS; m++) {
    for (int c = 0; c < COUNT; c++) sums[(row + m) * kRowLinearStride + c] = SumLanes(total[m][c]);
  }
}

template <int COUNT>
static void DotAll(const RowLinear &l, int64_t column, float *sums) {
  int64_t m = 0;
  for (; m + kGroup <= l.rows; m += kGroup) DotRows<kGroup, COUNT>(l, m, column, sums);
  for (; m + 2 <= l.rows; m += 2) DotRows<2, COUNT>(l, m, column, sums);
  for (; m < l.rows; m++) DotRows<1, COUNT>(l, m, column, sums);
}

static void RowLinearTransposed(const RowLinear &l, int64_t left, int64_t right) {
  float sums[kRowLinearRows * kRowLinearStride];
  int64_t j = left;
  for (; j + kAcross <= right; j += kAcross) DotAll<kAcross>(l, j, sums + j - left);
  for (; j < right; j++) DotAll<1>(l, j, sums + j - left);
  RowLinearFinish(l, left, right, sums);
}

#endif  // INFINITE_FORMER_KERNELS_ROW_LINEAR_H_
