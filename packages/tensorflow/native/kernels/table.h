#ifndef INFINITE_FORMER_KERNELS_TABLE_H_
#define INFINITE_FORMER_KERNELS_TABLE_H_

#include <cstdint>

namespace infinite_former {

// Softmax attention over keys that may be fewer or more than the queries, whose
// last `queries` are the queries' own places; optionally with relative positions.
//
//   scores[i, j] = (q[i] + u) · k[j] + (q[i] + w) · r[j + queries − 1 − i], times scale
//
// Query i sees keys first[b] ≤ j ≤ keys − queries + i. Row r[c] belongs to the
// distance keys − 1 − c. Strides count floats.
struct Attention {
  int64_t batch, heads, queries, keys, size;
  float scale;
  const float *q;  // [batch, queries, heads, size]
  const float *k;  // key j of head h in row b at b·kv_batch + j·kv_row + h·size
  const float *v;  // likewise
  int64_t kv_batch, kv_row;
  const float *r;  // [keys (+ more), heads, size] of row b at b·r_batch, or null
  int64_t r_batch;
  int64_t r_rows;
  const float *u;      // [heads, size], or null
  const float *w;      // [heads, size], or null
  const float *first;  // [batch], or null: every key from the first one on
};

struct AttentionResult {
  float *out;  // [batch, queries, heads, size]
  float *lse;  // [batch, heads, queries]: log of the sum of the exponentials
};

struct AttentionGradient {
  const float *out, *lse;  // as the forward pass gave them
  const float *cotangent;  // of out
  float *dq;               // [batch, queries, heads, size]
  float *dk, *dv;          // laid out as k and v
  float *dr;               // [batch, r_rows, heads, size] per row of the batch; null without r
  float *du, *dw;          // [batch, heads, size] per row of the batch; null without u and w
};

// The kernels of one instruction set. Tasks are independent; each writes its
// own part of the results, in an order that does not depend on threads.
struct KernelTable {
  const char *name;
  // Floats of scratch memory that one task needs.
  int64_t (*attention_scratch)(const Attention &);
  // Tasks: batch · heads · blocks; block `part` of `parts` of the queries.
  void (*attention)(const Attention &, const AttentionResult &, int64_t pair, int64_t part, int64_t parts,
                    float *scratch);
  int64_t (*attention_gradient_scratch)(const Attention &);
  void (*attention_gradient)(const Attention &, const AttentionGradient &, int64_t pair, float *scratch);
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_TABLE_H_
