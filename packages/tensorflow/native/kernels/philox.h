#ifndef INFINITE_FORMER_KERNELS_PHILOX_H_
#define INFINITE_FORMER_KERNELS_PHILOX_H_

// The numbers of TensorFlow's StatelessRandomUniform, so that a mask can be made
// anew from its seed instead of being kept. (Salmon et al. 2011, "Parallel random
// numbers: as easy as 1, 2, 3".)

constexpr int kGroups = 2;  // independent chains, to hide the latency of products
constexpr int kCounters = kGroups * kLanes;
constexpr int kDraws = 4 * kCounters;

typedef uint64_t Longs __attribute__((vector_size(4 * kLanes)));

// Products of the lower halves of each 64 bits; compilers do not find the instruction by themselves.
INLINE Longs MultiplyLow(Longs a, Longs b) {
#if defined(__AVX512F__)
  return (Longs)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (Longs)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (Longs)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu);
#endif
}

// Lower and upper halves of 32-bit products.
INLINE void Multiply(Words x, uint64_t factor, Words *low, Words *high) {
  const uint64_t half = 0xFFFFFFFFu;
  const Longs factors = Longs{} + factor;
  const Longs even = MultiplyLow((Longs)x, factors), odd = MultiplyLow((Longs)x >> 32, factors);
  *low = (Words)((even & half) | (odd << 32));
  *high = (Words)((even >> 32) | (odd & ~half));
}

// Ten rounds over kCounters counters at once; word w of counter i in words[w][i].
static void Philox(uint32_t words[4][kCounters], uint32_t key0, uint32_t key1) {
  Words w[kGroups][4];
  for (int g = 0; g < kGroups; g++) {
    for (int i = 0; i < 4; i++) std::memcpy(&w[g][i], words[i] + g * kLanes, sizeof(Words));
  }
  for (int round = 0; round < 10; round++) {
#pragma GCC unroll 2
    for (int g = 0; g < kGroups; g++) {
      Words low_a, high_a, low_c, high_c;
      Multiply(w[g][0], 0xD2511F53u, &low_a, &high_a);
      Multiply(w[g][2], 0xCD9E8D57u, &low_c, &high_c);
      w[g][0] = high_c ^ w[g][1] ^ key0;
      w[g][1] = low_c;
      w[g][2] = high_a ^ w[g][3] ^ key1;
      w[g][3] = low_a;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int g = 0; g < kGroups; g++) {
    for (int i = 0; i < 4; i++) std::memcpy(words[i] + g * kLanes, &w[g][i], sizeof(Words));
  }
}

// Key and upper half of the counter that TensorFlow derives from a pair of seeds.
struct Draws {
  uint32_t key0, key1, high0, high1;
  explicit Draws(const int32_t seed[2]) {
    uint32_t words[4][kCounters] = {};
    words[0][0] = (uint32_t)seed[0];
    words[1][0] = (uint32_t)(seed[0] >> 31);
    words[2][0] = (uint32_t)seed[1];
    words[3][0] = (uint32_t)(seed[1] >> 31);
    Philox(words, 0x3EC8F720u, 0x02461E29u);
    key0 = words[0][0];
    key1 = words[1][0];
    high0 = words[2][0];
    high1 = words[3][0];
  }
};

// For `count` elements from number `first` on: 0 where the uniform number is
// below the rate, else `scale`. Fills `room` (count + 2 · kDraws floats) and
// returns where in it the first element stands.
static const float *KeepFactors(const Draws &draws, float rate, float scale, int64_t first, int64_t count, float *room) {
  const int64_t start = first / 4;
  float *to = room;
  for (int64_t at = 4 * start; at < first + count; at += kDraws, to += kDraws) {
    uint32_t words[4][kCounters];
    for (int i = 0; i < kCounters; i++) {
      const uint64_t counter = (uint64_t)(at / 4 + i);
      words[0][i] = (uint32_t)counter;
      words[1][i] = (uint32_t)(counter >> 32);
      words[2][i] = draws.high0;
      words[3][i] = draws.high1;
    }
    Philox(words, draws.key0, draws.key1);
    for (int i = 0; i < kCounters; i++) {
      for (int w = 0; w < 4; w++) {
        const float uniform = (float)(int32_t)(words[w][i] & 0x7FFFFFu) * 0x1p-23f;
        to[4 * i + w] = uniform >= rate ? scale : 0.f;
      }
    }
  }
  return room + (first - 4 * start);
}

#endif  // INFINITE_FORMER_KERNELS_PHILOX_H_
