#ifndef INFINITE_FORMER_KERNELS_LAYER_NORM_H_
#define INFINITE_FORMER_KERNELS_LAYER_NORM_H_

// Layer normalisation, a row at a time: a row stays in the first cache between
// its passes. The mean is kept in two floats, so that rows far from zero lose
// no digits of their deviations.

static void SumParts(const float *parts, int64_t count, int64_t step, int64_t size, float *sum) {
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    Vec total = Load(parts + i);
    for (int64_t p = 1; p < count; p++) total += Load(parts + p * step + i);
    Store(sum + i, total);
  }
  for (; i < size; i++) {
    float total = parts[i];
    for (int64_t p = 1; p < count; p++) total += parts[p * step + i];
    sum[i] = total;
  }
}

// Σ x over a row.
static float RowSum(const float *x, int64_t size) {
  Vec a{}, b{};
  int64_t i = 0;
  for (; i + 2 * kLanes <= size; i += 2 * kLanes) {
    a += Load(x + i);
    b += Load(x + i + kLanes);
  }
  for (; i < size; i += kLanes) a += LoadSome(x + i, size - i < kLanes ? size - i : kLanes);
  return SumLanes(a + b);
}

static void LayerNormForward(const LayerNorm &n, const LayerNormResult &r, int64_t from, int64_t to) {
  const int64_t size = n.size, whole = size / kLanes * kLanes, rest = size - whole;
  const float count = (float)size;
  for (int64_t row = from; row < to; row++) {
    const float *x = n.x + row * size;
    float *y = r.y + row * size, *statistics = r.statistics + row * 3;
    if (r.sum) {
      const float *b = n.second + row * size, *c = n.third ? n.third + row * size : nullptr;
      float *s = r.sum + row * size;
      for (int64_t i = 0; i < whole; i += kLanes) {
        const Vec two = Load(x + i) + Load(b + i);
        Store(s + i, c ? two + Load(c + i) : two);
      }
      for (int64_t i = whole; i < size; i++) s[i] = c ? x[i] + b[i] + c[i] : x[i] + b[i];
      x = s;
    }
    const float mean = RowSum(x, size) / count;
    Vec sums{}, squares{};
    for (int64_t i = 0; i < whole; i += kLanes) {
      const Vec d = Load(x + i) - mean;
      sums += d;
      squares += d * d;
    }
    float sum = SumLanes(sums), square = SumLanes(squares);
    for (int64_t i = whole; i < size; i++) {
      const float d = x[i] - mean;
      sum += d;
      square += d * d;
    }
    const float left = sum / count;  // what the mean's own rounding left out
    const float variance = square / count - left * left;
    const float inverse = 1 / __builtin_sqrtf((variance > 0 ? variance : variance * 0) + n.epsilon);
    statistics[0] = mean;
    statistics[1] = left;
    statistics[2] = inverse;
    for (int64_t i = 0; i < whole; i += kLanes) {
      const Vec normal = ((Load(x + i) - mean) - left) * inverse;
      Store(y + i, normal * Load(n.gain + i) + Load(n.bias + i));
    }
    if (rest > 0) {
      const Vec normal = ((LoadSome(x + whole, rest) - mean) - left) * inverse;
      StoreSome(y + whole, normal * LoadSome(n.gain + whole, rest) + LoadSome(n.bias + whole, rest), rest);
    }
  }
}

static void LayerNormBackward(const LayerNorm &n, const LayerNormGradient &r, int64_t from, int64_t to) {
  const int64_t size = n.size, whole = size / kLanes * kLanes, rest = size - whole;
  float *dgain = r.parts, *dbias = r.parts + size;
  std::memset(r.parts, 0, 2 * size * sizeof(float));
  for (int64_t row = from; row < to; row++) {
    const float *x = n.x + row * size, *dy = r.cotangent + row * size;
    const float mean = r.statistics[row * 3], left = r.statistics[row * 3 + 1], inverse = r.statistics[row * 3 + 2];
    float *dx = r.dx + row * size;
    Vec inners{}, alongs{};
    const auto pass = [&](Vec value, Vec slope, Vec gain, Vec &g, Vec &b) {
      const Vec normal = ((value - mean) - left) * inverse, inner = slope * gain;
      inners += inner;
      alongs += inner * normal;
      g += slope * normal;
      b += slope;
    };
    for (int64_t i = 0; i < whole; i += kLanes) {
      Vec g = Load(dgain + i), b = Load(dbias + i);
      pass(Load(x + i), Load(dy + i), Load(n.gain + i), g, b);
      Store(dgain + i, g);
      Store(dbias + i, b);
    }
    if (rest > 0) {
      Vec g = LoadSome(dgain + whole, rest), b = LoadSome(dbias + whole, rest);
      pass(LoadSome(x + whole, rest), LoadSome(dy + whole, rest), LoadSome(n.gain + whole, rest), g, b);
      StoreSome(dgain + whole, g, rest);
      StoreSome(dbias + whole, b, rest);
    }
    const float flat = SumLanes(inners) / (float)size, along = SumLanes(alongs) / (float)size;
    const auto slope = [&](Vec value, Vec cotangent, Vec gain) {
      const Vec normal = ((value - mean) - left) * inverse;
      return (cotangent * gain - flat - normal * along) * inverse;
    };
    for (int64_t i = 0; i < whole; i += kLanes) {
      Store(dx + i, slope(Load(x + i), Load(dy + i), Load(n.gain + i)));
    }
    if (rest > 0) {
      const Vec d = slope(LoadSome(x + whole, rest), LoadSome(dy + whole, rest), LoadSome(n.gain + whole, rest));
      StoreSome(dx + whole, d, rest);
    }
  }
}

#endif  // INFINITE_FORMER_KERNELS_LAYER_NORM_H_
