#ifndef INFINITE_FORMER_KERNELS_ADAMW_H_
#define INFINITE_FORMER_KERNELS_ADAMW_H_

// AdamW over one tensor: one read and one write of each array.

static void AdamWStep(const AdamW &a, int64_t from, int64_t to) {
  const float rate = a.scalars[0], root = a.scalars[1], shrink = a.scalars[2], clip = a.scalars[3];
  const auto step = [&](Vec parameter, Vec gradient, Vec &first, Vec &second) {
    const Vec g = gradient * clip;
    first = first * a.beta1 + g * a.rest1;
    second = second * a.beta2 + g * g * a.rest2;
    return parameter * shrink - rate * (first / (Sqrt(second) / root + a.epsilon));
  };
  int64_t i = from;
  for (; i + kLanes <= to; i += kLanes) {
    Vec first = Load(a.first + i), second = Load(a.second + i);
    const Vec next = step(Load(a.parameter + i), Load(a.gradient + i), first, second);
    Store(a.new_parameter + i, next);
    Store(a.new_first + i, first);
    Store(a.new_second + i, second);
  }
  if (i == to) return;
  const int64_t some = to - i;
  Vec first = LoadSome(a.first + i, some), second = LoadSome(a.second + i, some);
  const Vec next = step(LoadSome(a.parameter + i, some), LoadSome(a.gradient + i, some), first, second);
  StoreSome(a.new_parameter + i, next, some);
  StoreSome(a.new_first + i, first, some);
  StoreSome(a.new_second + i, second, some);
}

// Σ x², 1024 at a time in float32 and from there in float64.
static double SumOfSquares(const float *x, int64_t count) {
  double total = 0;
  for (int64_t at = 0; at < count; at += 1024) {
    const int64_t end = count - at < 1024 ? count : at + 1024;
    Vec a{}, b{};
    int64_t i = at;
    for (; i + 2 * kLanes <= end; i += 2 * kLanes) {
      const Vec left = Load(x + i), right = Load(x + i + kLanes);
      a += left * left;
      b += right * right;
    }
    for (; i < end; i += kLanes) {
      const Vec some = LoadSome(x + i, end - i < kLanes ? end - i : kLanes);
      a += some * some;
    }
    total += SumLanes(a + b);
  }
  return total;
}

#endif  // INFINITE_FORMER_KERNELS_ADAMW_H_
