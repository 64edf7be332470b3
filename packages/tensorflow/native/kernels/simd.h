#ifndef INFINITE_FORMER_KERNELS_SIMD_H_
#define INFINITE_FORMER_KERNELS_SIMD_H_

// Vectors of the instruction set that this unit is compiled for, in GCC's and
// Clang's vector extension. Included inside the unit's own namespace: no
// function here may be shared with a unit of another instruction set.
#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kPanelVectors = 4;  // vectors of one panel: 6 × 4 sums, 4 loads, 1 factor in 32 registers
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kPanelVectors = 2;  // 6 × 2 sums, 2 loads, 1 factor in 16 registers
#elif defined(__aarch64__)
constexpr int kLanes = 4;
constexpr int kPanelVectors = 4;
#else
constexpr int kLanes = 4;
constexpr int kPanelVectors = 2;
#endif
constexpr int kPanelRows = 6;

typedef float Vec __attribute__((vector_size(4 * kLanes)));
typedef int32_t Ints __attribute__((vector_size(4 * kLanes)));
typedef uint32_t Words __attribute__((vector_size(4 * kLanes)));

INLINE Vec Load(const float *from) {
  Vec x;
  std::memcpy(&x, from, sizeof(x));
  return x;
}
INLINE void Store(float *to, Vec x) { std::memcpy(to, &x, sizeof(x)); }
// The first `count` ≤ kLanes elements; the others are zero.
INLINE Vec LoadSome(const float *from, int64_t count) {
  Vec x{};
  std::memcpy(&x, from, count * sizeof(float));
  return x;
}
INLINE void StoreSome(float *to, Vec x, int64_t count) { std::memcpy(to, &x, count * sizeof(float)); }
INLINE Vec Splat(float x) { return x - Vec{}; }
INLINE Vec Max(Vec a, Vec b) { return a > b ? a : b; }
INLINE Vec Min(Vec a, Vec b) { return a < b ? a : b; }
INLINE Vec Sqrt(Vec x) {
  float parts[kLanes];
  Store(parts, x);
  for (int i = 0; i < kLanes; i++) parts[i] = __builtin_sqrtf(parts[i]);
  return Load(parts);
}
INLINE float SumLanes(Vec x) {
  float parts[kLanes];
  Store(parts, x);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) parts[i] += parts[i + half];
  }
  return parts[0];
}
INLINE float MaxLanes(Vec x) {
  float parts[kLanes];
  Store(parts, x);
  float most = parts[0];
  for (int i = 1; i < kLanes; i++) most = parts[i] > most ? parts[i] : most;
  return most;
}

// eˣ to about one unit in the last place; 0 below −87.3, e^88.7 above 88.7. NaN stays NaN.
INLINE Vec Exp(Vec x) {
  const Vec small = Splat(-87.33654f);
  const Vec bounded = x > 88.72283f ? Splat(88.72283f) : (x < small ? small : x);
  // Adding 1.5 · 2²³ rounds to a whole number that stands in the low bits.
  const Vec shifted = bounded * 1.44269504088896341f + 12582912.f;
  const Vec whole = shifted - 12582912.f;
  const Ints power = (Ints)shifted - 0x4B400000;
  const Vec r = bounded - whole * 0.693359375f + whole * 2.12194440e-4f;
  Vec p = Splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const Vec y = p * (r * r) + r + 1.f;
  const Vec scaled = y * (Vec)((power + 127) << 23);
  return x < small ? Vec{} : scaled;
}

// erf x to 1e-7 and to as many digits where it is small, ±1 beyond ±3.95: a
// polynomial in x² up to 0.95, then 1 − e^(x P(x)), both fitted to it here. NaN stays NaN.
INLINE Vec Erf(Vec x) {
  const Vec size = x < 0 ? -x : x, square = x * x;
  Vec p = Splat(-5.86217674e-4f);
  p = p * square + 4.96753053e-3f;
  p = p * square - 2.67488859e-2f;
  p = p * square + 1.12813216e-1f;
  p = p * square - 3.76124461e-1f;
  p = p * square + 1.28379142e-1f;
  const Vec small = p * x + x, held = size > 3.95f ? Splat(3.95f) : size;
  Vec q = Splat(-1.25791218e-5f);
  q = q * held + 3.36339289e-4f;
  q = q * held - 3.69769163e-3f;
  q = q * held + 2.38793343e-2f;
  q = q * held - 1.06373600e-1f;
  q = q * held - 6.35068268e-1f;
  q = q * held - 1.12866904f;
  const Vec large = 1.f - Exp(q * held);
  return size < 0.95f ? small : x < 0 ? -large : large;
}

#endif  // INFINITE_FORMER_KERNELS_SIMD_H_
