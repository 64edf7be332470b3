#ifndef INFINITE_FORMER_KERNELS_ATTENTION_MASS_H_
#define INFINITE_FORMER_KERNELS_ATTENTION_MASS_H_

// Attention counted in bins. Beyond some deviations a distribution function is
// constant, so each density meets only the edges around it, and adds to the bins
// between them: differences of one density, not of sums.

static int64_t AttentionMassScratch(const AttentionMass &x) { return 2 * (x.bins + 4 * kLanes); }

// The odd function of z that a distribution function is twice of, less 1.
template <bool PARABOLA>
INLINE Vec Rise(Vec z) {
  if (!PARABOLA) return Erf(z);
  const Vec held = z > 1 ? Splat(1) : z < -1 ? Splat(-1) : z;
  return held * (1.5f - held * held * 0.5f);
}

// A number of bins as a place among them; NaN as what `other` says.
INLINE int64_t PlaceOf(float bin, int64_t bins, int64_t other) {
  if (bin != bin) return other;
  return bin > 0 ? bin < bins ? (int64_t)bin : bins : 0;
}

template <bool PARABOLA>
static void MassOfSome(const AttentionMass &x, int64_t row, int64_t from, int64_t to, float *mass, float *scratch) {
  const int64_t places = x.bins + 4 * kLanes, first = row * x.heads * x.queries;
  const float beyond = PARABOLA ? 1.f : 3.95f, bins = (float)x.bins;
  float *edges = scratch, *risen = scratch + places;
  for (int64_t k = 0; k < places; k++) edges[k] = x.edges[k < x.bins ? k : x.bins];
  std::memset(mass, 0, RoundUp(x.bins + kLanes, kLanes) * sizeof(float));
  for (int64_t i = from; i < to; i++) {
    const float weight = x.weights ? x.weights[row * x.queries + i % x.queries] : 1.f;
    if (weight == 0) continue;
    const float mean = x.mean[first + i], given = x.variance[first + i], variance = given < 1e-20f ? 1e-20f : given;
    const float steep = PARABOLA ? 1 / __builtin_cbrtf(1.5f * variance) : 1 / __builtin_sqrtf(2 * variance);
    const float reach = beyond / steep;
    const int64_t low = PlaceOf((mean - reach) * bins - 2, x.bins, 0);
    const int64_t high = PlaceOf((mean + reach) * bins + 3, x.bins, x.bins);
    if (low >= high) continue;
    const int64_t end = low + RoundUp(high - low, kLanes);
    for (int64_t k = low; k <= end; k += kLanes) Store(risen + k, Rise<PARABOLA>((Load(edges + k) - mean) * steep));
    for (int64_t k = low; k < end; k += kLanes) {
      Store(mass + k, Load(mass + k) + (Load(risen + k + 1) - Load(risen + k)) * weight);
    }
  }
}

static void AttentionMassOf(const AttentionMass &x, int64_t row, int64_t from, int64_t to, float *mass,
                            float *scratch) {
  return x.parabola ? MassOfSome<true>(x, row, from, to, mass, scratch)
                    : MassOfSome<false>(x, row, from, to, mass, scratch);
}

#endif  // INFINITE_FORMER_KERNELS_ATTENTION_MASS_H_
