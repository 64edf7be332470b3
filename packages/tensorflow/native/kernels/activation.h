#ifndef INFINITE_FORMER_KERNELS_ACTIVATION_H_
#define INFINITE_FORMER_KERNELS_ACTIVATION_H_

// What follows a matrix product element by element: a bias, an activation,
// dropout. Each pass reads and writes memory once.

#include "philox.h"

// Value or slope of an activation, from x.
struct Bend {
  Vec value, slope;
};

// `twice` is 2u, u = √(2/π) (x + 0.044715 x³); (1 + tanh u)/2 is 1/(1 + e^(−2u)). The
// bound keeps e · half finite.
INLINE Bend GeluTanhBend(Vec x) {
  const float linear = 1.5957691216057308f, cubic = 0.07135481282553256f;
  const Vec square = x * x, twice = x * (square * cubic + linear);
  const Vec e = Exp(Min(-twice, Splat(80))), half = 1.f / (e + 1.f);
  return {x * half, half + x * (e * half * half) * (square * (3 * cubic) + linear)};
}

// x Φ(x). The tail Φ(−|x|) = e^(−x²/2) t P(t), t = 1/(1 + 0.4 |x|), has its relative
// error below 3e-7 plus that of the exponential; P fitted to it here.
INLINE Bend GeluErfBend(Vec x) {
  const Vec size = x < 0 ? -x : x;
  const Vec bell = Exp(x * x * -0.5f);
  const Vec t = 1.f / (size * 0.4f + 1.f);
  Vec p = Splat(0.03210292855f);
  p = p * t - 0.1762026181f;
  p = p * t + 0.380848254f;
  p = p * t - 0.3720538878f;
  p = p * t + 0.1178105678f;
  p = p * t - 0.02592362783f;
  p = p * t + 0.09101440726f;
  p = p * t + 0.1332082919f;
  p = p * t + 0.159619399f;
  p = p * t + 0.1595762927f;
  const Vec tail = bell * (p * t);
  const Vec mass = x < 0 ? tail : 1.f - tail;
  return {x * mass, mass + x * bell * 0.3989422804014327f};
}

// NaN stays NaN.
INLINE Bend BendOf(int64_t kind, Vec x) {
  switch (kind) {
    case 1: return {x < 0 ? Vec{} : x, x > 0 ? Splat(1) : Vec{}};
    case 2: return GeluTanhBend(x);
    case 3: return GeluErfBend(x);
    default: return {x, Splat(1)};
  }
}

constexpr int64_t kSpan = 1024;  // elements at a time, in the first cache

// x + bias of some elements, or x itself.
static const float *Biased(const Activation &a, int64_t from, int64_t count, float *room) {
  const float *x = a.x + from;
  if (!a.bias) return x;
  int64_t column = from % a.size;
  for (int64_t done = 0; done < count;) {
    const int64_t some = a.size - column < count - done ? a.size - column : count - done;
    const float *bias = a.bias + column;
    int64_t i = 0;
    for (; i + kLanes <= some; i += kLanes) Store(room + done + i, Load(x + done + i) + Load(bias + i));
    for (; i < some; i++) room[done + i] = x[done + i] + bias[i];
    done += some;
    column = 0;
  }
  return room;
}

template <int KIND>
static void ActivationSpans(const Activation &a, const Draws &draws, float *y, int64_t from, int64_t to) {
  float biased[kSpan], factors[kSpan + 2 * kDraws];
  for (int64_t at = from; at < to; at += kSpan) {
    const int64_t count = to - at < kSpan ? to - at : kSpan;
    const float *x = Biased(a, at, count, biased);
    const float *keep = a.drop ? KeepFactors(draws, a.rate, a.scale, at, count, factors) : nullptr;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      const Vec value = BendOf(KIND, Load(x + i)).value;
      Store(y + at + i, keep ? value * Load(keep + i) : value);
    }
    if (i < count) {
      const Vec value = BendOf(KIND, LoadSome(x + i, count - i)).value;
      StoreSome(y + at + i, keep ? value * Load(keep + i) : value, count - i);
    }
  }
}

template <int KIND>
static void ActivationSlopes(const Activation &a, const Draws &draws, const float *cotangent, float *dx, float *sums,
                             int64_t from, int64_t to) {
  float biased[kSpan], factors[kSpan + 2 * kDraws];
  for (int64_t at = from; at < to; at += kSpan) {
    const int64_t count = to - at < kSpan ? to - at : kSpan;
    const float *x = KIND == 0 ? nullptr : Biased(a, at, count, biased);
    const float *keep = a.drop ? KeepFactors(draws, a.rate, a.scale, at, count, factors) : nullptr;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      Vec slope = Load(cotangent + at + i);
      if (keep) slope *= Load(keep + i);
      Store(dx + at + i, KIND == 0 ? slope : slope * BendOf(KIND, Load(x + i)).slope);
    }
    if (i < count) {
      Vec slope = LoadSome(cotangent + at + i, count - i);
      if (keep) slope *= Load(keep + i);
      StoreSome(dx + at + i, KIND == 0 ? slope : slope * BendOf(KIND, LoadSome(x + i, count - i)).slope, count - i);
    }
    if (!sums) continue;
    int64_t column = at % a.size;
    for (int64_t done = 0; done < count;) {
      const int64_t some = a.size - column < count - done ? a.size - column : count - done;
      const float *part = dx + at + done;
      float *sum = sums + column;
      int64_t j = 0;
      for (; j + kLanes <= some; j += kLanes) Store(sum + j, Load(sum + j) + Load(part + j));
      for (; j < some; j++) sum[j] += part[j];
      done += some;
      column = 0;
    }
  }
}

static void ActivationForward(const Activation &a, float *y, int64_t from, int64_t to) {
  const Draws draws(a.seed);
  switch (a.kind) {
    case 1: return ActivationSpans<1>(a, draws, y, from, to);
    case 2: return ActivationSpans<2>(a, draws, y, from, to);
    case 3: return ActivationSpans<3>(a, draws, y, from, to);
    default: return ActivationSpans<0>(a, draws, y, from, to);
  }
}

static void ActivationBackward(const Activation &a, const float *cotangent, float *dx, float *sums, int64_t from,
                               int64_t to) {
  const Draws draws(a.seed);
  if (sums) std::memset(sums, 0, a.size * sizeof(float));
  switch (a.kind) {
    case 1: return ActivationSlopes<1>(a, draws, cotangent, dx, sums, from, to);
    case 2: return ActivationSlopes<2>(a, draws, cotangent, dx, sums, from, to);
    case 3: return ActivationSlopes<3>(a, draws, cotangent, dx, sums, from, to);
    default: return ActivationSlopes<0>(a, draws, cotangent, dx, sums, from, to);
  }
}

#endif  // INFINITE_FORMER_KERNELS_ACTIVATION_H_
