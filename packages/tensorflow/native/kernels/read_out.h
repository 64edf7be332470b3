#ifndef INFINITE_FORMER_KERNELS_READ_OUT_H_
#define INFINITE_FORMER_KERNELS_READ_OUT_H_

// Continuous attention's read-out, a few queries and one width at a time: the
// expected basis stays in the caches. Values are packed width by width, so that
// neighbouring lanes share their width and differ in their centre.

struct ReadOutLayout {
  int64_t rows;     // queries at a time
  int64_t wide;     // size, rounded up to whole vectors
  int64_t centres;  // rounded up to panels; values beyond the last are zero
  int64_t step;     // from one row of the basis to the next
  explicit ReadOutLayout(const ReadOut &x)
      : wide(RoundUp(x.size, kLanes)), centres(RoundUp(x.centre_count, kPanel)), step(centres + 16) {
    const int64_t fit = 65536 / step / kPanelRows * kPanelRows;
    rows = fit < kPanelRows ? kPanelRows : fit > 48 ? 48 : fit;
  }
};

// Values of one pair, [widths, centres, wide].
static void PackValues(const ReadOut &x, const ReadOutLayout &l, int64_t pair, float *to) {
  const int64_t row = x.heads * x.size, count = x.centre_count * x.width_count;
  const float *from = x.values + pair / x.heads * count * row + pair % x.heads * x.size;
  for (int64_t k = 0; k < x.width_count; k++) {
    float *rows = to + k * l.centres * l.wide;
    PackRows(from + k * row, x.width_count * row, x.centre_count, x.size, rows, l.wide);
    std::memset(rows + x.centre_count * l.wide, 0, (l.centres - x.centre_count) * l.wide * sizeof(float));
  }
}

static void PackCentres(const ReadOut &x, const ReadOutLayout &l, float *to) {
  for (int64_t c = 0; c < l.centres; c++) to[c] = c < x.centre_count ? x.centres[c] : 0.f;
}

// N(mean; centre, total) for every centre.
INLINE void BasisRow(float mean, float inverse, const float *centres, int64_t count, float *to) {
  const float peak = __builtin_sqrtf(inverse * 0.15915494309189535f), half = inverse * -0.5f;
  for (int64_t c = 0; c < count; c += kLanes) {
    const Vec distance = mean - Load(centres + c);
    Store(to + c, Exp(distance * distance * half) * peak);
  }
}

static int64_t ReadOutScratch(const ReadOut &x) {
  const ReadOutLayout l(x);
  return x.width_count * l.centres * l.wide + l.centres + l.rows * (l.step + l.wide) + 64;
}

static void ReadOutForward(const ReadOut &x, float *out, int64_t pair, int64_t part, int64_t parts, float *scratch) {
  const ReadOutLayout l(x);
  const int64_t blocks = (x.queries + l.rows - 1) / l.rows;
  const int64_t begin = blocks * part / parts, end = blocks * (part + 1) / parts;
  if (begin == end) return;
  float *values = scratch, *centres = values + x.width_count * l.centres * l.wide;
  float *basis = centres + l.centres, *sums = basis + l.rows * l.step;
  PackValues(x, l, pair, values);
  PackCentres(x, l, centres);
  for (int64_t block = begin; block < end; block++) {
    const int64_t from = block * l.rows, rows = x.queries - from < l.rows ? x.queries - from : l.rows;
    const float *mean = x.mean + pair * x.queries + from, *variance = x.variance + pair * x.queries + from;
    for (int64_t k = 0; k < x.width_count; k++) {
      const float width = x.widths[k] * x.widths[k];
      for (int64_t i = 0; i < rows; i++) {
        BasisRow(mean[i], 1 / (variance[i] + width), centres, l.centres, basis + i * l.step);
      }
      Product(rows, l.wide, x.centre_count, basis, l.step, 1, values + k * l.centres * l.wide, l.wide, sums, l.wide,
              k > 0);
    }
    for (int64_t i = 0; i < rows; i++) {
      float *to = out + ((pair / x.heads * x.queries + from + i) * x.heads + pair % x.heads) * x.size;
      std::memcpy(to, sums + i * l.wide, x.size * sizeof(float));
    }
  }
}

static int64_t ReadOutGradientScratch(const ReadOut &x) {
  const ReadOutLayout l(x);
  return x.width_count * l.centres * (x.size + l.wide) + l.centres + l.rows * (2 * l.step + l.wide) + 64;
}

static void ReadOutBackward(const ReadOut &x, const ReadOutGradient &y, int64_t pair, float *scratch) {
  const ReadOutLayout l(x);
  const int64_t row = x.heads * x.size, own = pair % x.heads * x.size;
  const int64_t first = pair / x.heads * x.centre_count * x.width_count * row + own;
  float *panels = scratch, *dvalues = panels + x.width_count * l.centres * x.size;
  float *centres = dvalues + x.width_count * l.centres * l.wide;
  float *basis = centres + l.centres, *share = basis + l.rows * l.step, *cotangent = share + l.rows * l.step;
  for (int64_t k = 0; k < x.width_count; k++) {
    PackTransposed(x.values + first + k * row, x.width_count * row, x.centre_count, x.size,
                   panels + k * l.centres * x.size);
  }
  std::memset(dvalues, 0, x.width_count * l.centres * l.wide * sizeof(float));
  PackCentres(x, l, centres);
  for (int64_t from = 0; from < x.queries; from += l.rows) {
    const int64_t rows = x.queries - from < l.rows ? x.queries - from : l.rows, at = pair * x.queries + from;
    PackRows(y.cotangent + (pair / x.heads * x.queries + from) * row + own, row, rows, x.size, cotangent, l.wide);
    for (int64_t k = 0; k < x.width_count; k++) {
      const float width = x.widths[k] * x.widths[k];
      ScoreRows(rows, x.size, cotangent, l.wide, panels + k * l.centres * x.size, 0, x.centre_count, share, l.step);
      for (int64_t i = 0; i < rows; i++) {
        const float mean = x.mean[at + i], inverse = 1 / (x.variance[at + i] + width);
        float *r = basis + i * l.step, *s = share + i * l.step;
        BasisRow(mean, inverse, centres, l.centres, r);
        Vec firsts{}, curves{};  // Σ w D and Σ w (D²/S − 1), w the cotangent of log r
        for (int64_t c = 0; c < l.centres; c += kLanes) {
          const Vec distance = mean - Load(centres + c), weight = Load(s + c) * Load(r + c);
          firsts += weight * distance;
          curves += weight * (distance * distance * inverse - 1.f);
        }
        const float dmean = -inverse * SumLanes(firsts), dvariance = 0.5f * inverse * SumLanes(curves);
        y.dmean[at + i] = k > 0 ? y.dmean[at + i] + dmean : dmean;
        y.dvariance[at + i] = k > 0 ? y.dvariance[at + i] + dvariance : dvariance;
      }
      Product(x.centre_count, l.wide, rows, basis, 1, l.step, cotangent, l.wide, dvalues + k * l.centres * l.wide,
              l.wide, true);
    }
  }
  for (int64_t k = 0; k < x.width_count; k++) {
    for (int64_t c = 0; c < x.centre_count; c++) {
      std::memcpy(y.dvalues + first + (c * x.width_count + k) * row, dvalues + (k * l.centres + c) * l.wide,
                  x.size * sizeof(float));
    }
  }
}

#endif  // INFINITE_FORMER_KERNELS_READ_OUT_H_
