#ifndef INFINITE_FORMER_KERNELS_RESAMPLE_H_
#define INFINITE_FORMER_KERNELS_RESAMPLE_H_

// Sampling at positions that differ from row to row, and the fit of the samples.
// Basis functions are computed some runs at a time, and only those near them.

constexpr int64_t kRunRows = 2 * kPanelRows;  // runs at a time
constexpr float kReach = 6.5f;                // widths; further away a function is below 1e-9 of its peak

static int64_t ResampleWide(const Resample &x) { return RoundUp(x.size, kLanes); }

INLINE int64_t ResampleBasis(const Resample &x) { return x.centre_count * x.width_count; }

static int64_t ResampleParts(const Resample &x) { return (ResampleBasis(x) + kPanel - 1) / kPanel; }

// Each part is [samples, kPanel]: the fit of kPanel functions.
static int64_t ResamplePacked(const Resample &x) { return ResampleParts(x) * kPanel * x.samples; }

static void ResamplePack(const Resample &x, int64_t part, float *packed) {
  const int64_t first = part * kPanel, left = ResampleBasis(x) - first;
  PackTransposed(x.fit + first * x.samples, x.samples, left < kPanel ? left : kPanel, x.samples,
                 packed + first * x.samples);
}

static int64_t ResampleScratch(const Resample &x) {
  const int64_t sampling = kRunRows * RoundUp(x.centre_count, kLanes) + ResampleWide(x);
  const int64_t fitting = x.samples * kPanel + kPanel * ResampleWide(x);
  return (sampling > fitting ? sampling : fitting) + 64;
}

static void ResampleSample(const Resample &x, int64_t row, const Runs &runs, int64_t from, int64_t to, float *samples,
                           float *scratch) {
  const int64_t wide = ResampleWide(x), step = RoundUp(x.centre_count, kLanes);
  const int64_t count = ResampleBasis(x), between = x.width_count * x.size;
  const float *places = x.positions + row * x.samples, *values = x.coefficients + row * count * x.size;
  float *basis = scratch, *ending = basis + kRunRows * step;
  // Columns that fill the last vector hold what comes after a row, and nobody reads them. Nothing comes after
  // the last row of all, which is read from a copy.
  const bool copied = row == x.batch - 1 && wide != x.size;
  if (copied) PackRows(values + (count - 1) * x.size, x.size, 1, x.size, ending, wide);
  for (int64_t d = from; d < to; d += kRunRows) {
    const int64_t rows = to - d < kRunRows ? to - d : kRunRows;
    float *sums = samples + (d - from) * wide;
    float low = places[runs.starts[d]], high = low;
    for (int64_t i = 1; i < rows; i++) {
      const float place = places[runs.starts[d + i]];
      low = place < low ? place : low;
      high = place > high ? place : high;
    }
    std::memset(sums, 0, rows * wide * sizeof(float));
    for (int64_t k = 0; k < x.width_count; k++) {
      const float width = x.widths[k], steep = 0.70710678118654752f / width, peak = 0.3989422804014327f / width;
      const float reach = kReach * width;
      int64_t first = 0, last = x.centre_count;  // NaN meets every centre
      while (first < last && x.centres[first] < low - reach) first++;
      while (first < last && x.centres[last - 1] > high + reach) last--;
      if (first == last) continue;
      for (int64_t i = 0; i < rows; i++) {
        const float place = places[runs.starts[d + i]];
        for (int64_t c = first; c < last; c += kLanes) {
          const int64_t some = last - c < kLanes ? last - c : kLanes;
          const Vec distance = (place - LoadSome(x.centres + c, some)) * steep;
          StoreSome(basis + i * step + c, Exp(-distance * distance) * peak, some);
        }
      }
      const bool ends = copied && last == x.centre_count && k == x.width_count - 1;
      Product(rows, wide, last - first - ends, basis + first, step, 1, values + (first * x.width_count + k) * x.size,
              between, sums, wide, true);
      if (ends) Product(rows, wide, 1, basis + last - 1, step, 1, ending, wide, sums, wide, true);
    }
  }
}

// A sample in a run counts as often as the run has samples: the fit of a run is the sum of theirs.
static void ResampleFit(const Resample &x, int64_t row, const Runs &runs, int64_t part, const float *packed,
                        const float *samples, float *out, float *scratch) {
  const int64_t wide = ResampleWide(x), first = part * kPanel, left = ResampleBasis(x) - first;
  const int64_t rows = left < kPanel ? left : kPanel;
  const float *fit = packed + first * x.samples;
  float *summed = scratch, *result = summed + x.samples * kPanel;
  for (int64_t d = 0; d < runs.count; d++) {
    Vec sums[kPanelVectors] = {};
    for (int64_t s = runs.starts[d]; s < runs.starts[d + 1]; s++) {
      for (int v = 0; v < kPanelVectors; v++) sums[v] += Load(fit + s * kPanel + v * kLanes);
    }
    for (int v = 0; v < kPanelVectors; v++) Store(summed + d * kPanel + v * kLanes, sums[v]);
  }
  float *to = out + (row * ResampleBasis(x) + first) * x.size;
  if (wide == x.size) {
    Product(rows, wide, runs.count, summed, 1, kPanel, samples, wide, to, wide, false);
    return;
  }
  Product(rows, wide, runs.count, summed, 1, kPanel, samples, wide, result, wide, false);
  for (int64_t i = 0; i < rows; i++) std::memcpy(to + i * x.size, result + i * wide, x.size * sizeof(float));
}

#endif  // INFINITE_FORMER_KERNELS_RESAMPLE_H_
