#ifndef INFINITE_FORMER_KERNELS_DENSITY_READING_H_
#define INFINITE_FORMER_KERNELS_DENSITY_READING_H_

// Continuous attention of one query: density, expected basis and expected value
// of one row and head.

static int64_t DensityReadingScratch(const DensityReading &x) {
  return RoundUp(x.basis, kLanes) + RowVectors(x.size).count * kLanes;
}

static void DensityReadingOf(const DensityReading &x, int64_t pair, float *scratch) {
  const RowVectors l(x.size);
  const int64_t row = pair / x.heads, own = pair % x.heads * x.size;
  const float *query = x.queries + row * x.query_step + own, *directions = x.directions + pair * x.size * 2;
  float first = 0, second = 0;
  for (int64_t d = 0; d < x.size; d++) {
    first += query[d] * directions[2 * d];
    second += query[d] * directions[2 * d + 1];
  }
  first *= x.scale;
  second *= x.scale;
  if (x.bias != nullptr) {
    first += x.bias[0];
    second += x.bias[1];
  }
  const float mean = 1 / (1 + __builtin_expf(-first));
  const float soft = (second > 0 ? second : 0) + __builtin_log1pf(__builtin_expf(-__builtin_fabsf(second)));
  const float variance = soft < x.floor ? x.floor : soft;
  x.mean[pair] = mean;
  x.variance[pair] = variance;

  float *weights = scratch, *sums = weights + RoundUp(x.basis, kLanes);
  for (int64_t j = 0; j < x.basis; j += kLanes) {
    const int64_t some = x.basis - j < kLanes ? x.basis - j : kLanes;
    const bool whole = some == kLanes;
    const Vec centre = whole ? Load(x.centres + j) : LoadSome(x.centres + j, some);
    const Vec width = whole ? Load(x.widths + j) : LoadSome(x.widths + j, some);
    const Vec inverse = 1.f / (variance + width * width), distance = mean - centre;
    Store(weights + j, Exp(distance * distance * inverse * -0.5f) * Sqrt(inverse * 0.15915494309189535f));
  }
  std::memset(sums, 0, l.count * kLanes * sizeof(float));
  AddRows(l, weights, x.values + pair * x.basis * x.size, x.basis, sums);
  UnpackRow(l, sums, 1, x.out + row * x.heads * x.size + own);
}

#endif  // INFINITE_FORMER_KERNELS_DENSITY_READING_H_
