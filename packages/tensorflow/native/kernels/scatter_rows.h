#ifndef INFINITE_FORMER_KERNELS_SCATTER_ROWS_H_
#define INFINITE_FORMER_KERNELS_SCATTER_ROWS_H_

// The gradient of a look-up: every task owns a part of the table and goes through
// all rows in their order.

static void ScatterRowsInto(const ScatterRows &s, int64_t from, int64_t to, int64_t left, int64_t right) {
  const int64_t width = right - left;
  for (int64_t row = from; row < to; row++) std::memset(s.table + row * s.size + left, 0, width * sizeof(float));
  for (int64_t i = 0; i < s.count; i++) {
    if (s.ids[i] < from || s.ids[i] >= to) continue;
    float *sum = s.table + s.ids[i] * s.size + left;
    const float *row = s.rows + i * s.size + left;
    int64_t d = 0;
    for (; d + kLanes <= width; d += kLanes) Store(sum + d, Load(sum + d) + Load(row + d));
    for (; d < width; d++) sum[d] += row[d];
  }
}

#endif  // INFINITE_FORMER_KERNELS_SCATTER_ROWS_H_
