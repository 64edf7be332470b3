#ifndef INFINITE_FORMER_KERNELS_TABLE_H_
#define INFINITE_FORMER_KERNELS_TABLE_H_

#include <cstdint>

namespace infinite_former {

// Softmax attention over keys that may be fewer or more than the queries, whose
// last `queries` are the queries' own places; optionally with relative positions.
//
//   scores[i, j] = (q[i] + u) · k[j] + (q[i] + w) · r[j + queries − 1 − i], times scale
//
// With `drop`, each softmax weight is multiplied by 0 or `keep`, by the number that the
// seed gives to its place in [batch, heads, queries, keys] (see Activation).
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
  bool drop;           // whether there is a seed
  int32_t seed[2];
  float rate, keep;  // keep: 1 / (1 − rate), rounded from float64
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

// Rows of `size` numbers, normalised: y = gain · (s − mean) · inverse + bias, where
// s = x, or x plus up to two others.
struct LayerNorm {
  int64_t rows, size;
  float epsilon;
  const float *x, *second, *third;  // second and third may be null
  const float *gain, *bias;         // [size]
};

struct LayerNormResult {
  float *y;           // [rows, size]
  float *statistics;  // [rows, 3]: mean, what its rounding left out, inverse deviation
  float *sum;         // [rows, size]: s; null where there is only x
};

struct LayerNormGradient {
  const float *statistics, *cotangent;
  float *dx;     // [rows, size]
  float *parts;  // [2, size] per task: sums for gain and bias
};

// y = keep · act(x + bias) over `count` numbers in rows of `size`, where keep is 0
// or `scale` by the numbers that a seed gives (Philox 4×32-10).
struct Activation {
  int64_t count, size;
  int64_t kind;       // 0 identity, 1 ReLU, 2 GELU by tanh, 3 GELU by erf
  const float *x;     // [count]
  const float *bias;  // [size], or null
  bool drop;          // whether there is a seed
  int32_t seed[2];
  float rate, scale;  // scale: 1 / (1 − rate), rounded from float64
};

// y = act(x · kernel + bias) + residual for few rows x. Sums of a block of columns
// stand in rows of kRowLinearStride floats, which is no multiple of a page.
constexpr int64_t kRowLinearRows = 16, kRowLinearWidth = 512, kRowLinearStride = kRowLinearWidth + 16;
struct RowLinear {
  int64_t rows, inputs, outputs;
  int64_t kind;           // as in Activation
  const float *x;         // [rows, inputs]
  const float *kernel;    // [inputs, outputs], or [outputs, inputs]
  const float *bias;      // [outputs], or null
  const float *residual;  // [rows, outputs], or null
  float *y;               // [rows, outputs]
};

// One tensor's step of AdamW. `scalars`: step size over the first moment's bias
// correction; root of the second's; what decay leaves of a parameter; what
// clipping leaves of the gradient.
struct AdamW {
  const float *parameter, *gradient, *first, *second, *scalars;
  float beta1, beta2, rest1, rest2, epsilon;    // rest: 1 − beta, rounded from float64
  float *new_parameter, *new_first, *new_second;  // may be the same memory as inputs
};

// Adds row i of `rows` to row ids[i] of the table.
struct ScatterRows {
  int64_t count, size, vocabulary;
  const float *rows;   // [count, size]
  const int32_t *ids;  // [count]
  float *table;        // [vocabulary, size]
};

// Expected values of signals under Gaussian densities:
//
//   out[b, i, h] = Σ_j N(mean[b, h, i]; centre_j, variance[b, h, i] + width_j²) · values[b, j, h]
//
// where j counts `centres` × `widths`, widths fastest.
struct ReadOut {
  int64_t batch, heads, queries, size, centre_count, width_count;
  const float *mean, *variance;    // [batch, heads, queries]
  const float *values;             // [batch, centres · widths, heads, size]
  const float *centres, *widths;
};

struct ReadOutGradient {
  const float *cotangent;      // [batch, queries, heads, size]
  float *dmean, *dvariance;    // [batch, heads, queries]
  float *dvalues;              // as values
};

// One query a row over rings of keys and values, with its own put into `slot`
// first; optionally with relative positions.
//
//   scores[j] = ((q + u) · k[j] + (q + w) · r[origin − distance]) · scale
//
// Slot j lies (slot − j) mod slots back; a row sees distances up to its reach, and
// right behind them the last of its older rows.
struct RingAttention {
  int64_t batch, heads, slots, size;
  float scale;
  const float *projected;         // [batch, 3, heads, size]: query, key, value
  float *keys, *values;           // [batch, heads, slots, size]
  int64_t slot;                   // below slots
  const int32_t *reach;           // [batch]
  int64_t older_slots;
  const float *older_keys, *older_values;  // [batch, heads, older_slots, size], or null
  const int32_t *older;           // [batch]: how many of the last ones are seen
  int64_t table_rows;
  const float *distances;         // [heads, table_rows, size], the furthest first, or null
  const int32_t *origin;          // [batch]: row of distance 0; null: the last one
  const float *content, *position;  // [heads, size]: u and w, or null
  float *out;                     // [batch, heads, size]
};

// Slots of the ring, and older rows, that a row of the batch sees.
inline int64_t RingSeen(const RingAttention &x, int64_t row) {
  return x.reach[row] < 0 ? 1 : x.reach[row] < x.slots ? x.reach[row] + 1 : x.slots;
}
inline int64_t OlderSeen(const RingAttention &x, int64_t row) {
  if (x.older == nullptr || x.older[row] < 0) return 0;
  return x.older[row] < x.older_slots ? x.older[row] : x.older_slots;
}

// One query a row over signals, by a normal density from affine maps:
//
//   mean = sigmoid(s_0), variance = max(softplus(s_1), floor), s = (q · directions) · scale + bias
//   out = Σ_j N(mean; centre_j, variance + width_j²) · values[j]
struct DensityReading {
  int64_t batch, heads, basis, size;
  float scale, floor;
  const float *queries;     // row b from b · query_step: [heads, size]
  int64_t query_step;
  const float *directions;  // [batch, heads, size, 2]
  const float *bias;        // [2], or null
  const float *values;      // [batch, heads, basis, size]
  const float *centres, *widths;  // [basis]
  float *out;               // [batch, heads, size]
  float *mean, *variance;   // [batch, heads]
};

// How much of some densities lies between neighbouring edges, half of
//
//   mass[b, k] = Σ weight[b, i] · (F(edge_{k+1}; mean[b, h, i], variance[b, h, i]) − F(edge_k; …)), F from −1 to 1
//
// Edges rise, edge k no further than one bin from k / bins.
struct AttentionMass {
  int64_t batch, heads, queries, bins;
  bool parabola;                 // truncated parabolas in place of normal densities
  const float *mean, *variance;  // [batch, heads, queries]
  const float *edges;            // [bins + 1]
  const float *weights;          // [batch, queries], or null: 1
};

// Signals sampled at positions of their own and fitted anew:
//
//   out[b] = fit · (Ψ(positions[b]) · coefficients[b]),  ψ_j(t) = N(t; centre_j, width_j²)
//
// where j counts `centres` × `widths`, widths fastest. Equal positions that
// follow each other, a run, are sampled once.
struct Resample {
  int64_t batch, samples, size, centre_count, width_count;
  const float *coefficients;  // [batch, centres · widths, size]
  const float *positions;     // [batch, samples], ascending for the sake of speed
  const float *fit;           // [centres · widths, samples]
  const float *centres, *widths;
};

// The runs of one row: run d is samples starts[d] … starts[d + 1] − 1.
struct Runs {
  int64_t count;
  const int32_t *starts;
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
  // Rows from … to − 1.
  void (*layer_norm)(const LayerNorm &, const LayerNormResult &, int64_t from, int64_t to);
  void (*layer_norm_gradient)(const LayerNorm &, const LayerNormGradient &, int64_t from, int64_t to);
  // Elements from … to − 1, whole rows where there is a bias; `sums` [size] of the bias, or null.
  void (*activation)(const Activation &, float *y, int64_t from, int64_t to);
  void (*activation_gradient)(const Activation &, const float *cotangent, float *dx, float *sums, int64_t from,
                              int64_t to);
  // Sums over inputs from … to − 1 of columns left … right − 1, without bias; sums [rows, stride].
  void (*row_linear_sums)(const RowLinear &, int64_t from, int64_t to, int64_t left, int64_t right, float *sums);
  // What follows the sums of all inputs.
  void (*row_linear_finish)(const RowLinear &, int64_t left, int64_t right, const float *sums);
  // Columns left … right − 1, at most kRowLinearWidth, where the kernel is [outputs, inputs].
  void (*row_linear_transposed)(const RowLinear &, int64_t left, int64_t right);
  // Elements from … to − 1.
  void (*adamw)(const AdamW &, int64_t from, int64_t to);
  double (*sum_of_squares)(const float *x, int64_t count);
  // Rows from … to − 1 of the table, columns left … right − 1.
  void (*scatter_rows)(const ScatterRows &, int64_t from, int64_t to, int64_t left, int64_t right);
  int64_t (*read_out_scratch)(const ReadOut &);
  // Block `part` of `parts` of the queries of a pair of batch row and head.
  void (*read_out)(const ReadOut &, float *out, int64_t pair, int64_t part, int64_t parts, float *scratch);
  int64_t (*read_out_gradient_scratch)(const ReadOut &);
  void (*read_out_gradient)(const ReadOut &, const ReadOutGradient &, int64_t pair, float *scratch);
  int64_t (*ring_attention_scratch)(const RingAttention &);
  void (*ring_attention)(const RingAttention &, int64_t row, int64_t head, float *scratch);
  int64_t (*density_reading_scratch)(const DensityReading &);
  void (*density_reading)(const DensityReading &, int64_t pair, float *scratch);
  // Twice the mass [bins] of densities from … to − 1 of a row, and a vector of scratch memory beyond its end.
  int64_t (*attention_mass_scratch)(const AttentionMass &);
  void (*attention_mass)(const AttentionMass &, int64_t row, int64_t from, int64_t to, float *mass, float *scratch);
  // Columns of a sampled signal or a result, with those that fill the last vector.
  int64_t (*resample_wide)(const Resample &);
  // Packs the fit; then samples runs from … to − 1 of a row to [to − from, wide]; then, from the row's
  // samples, functions `part` of `resample_parts` of the result.
  int64_t (*resample_parts)(const Resample &);
  int64_t (*resample_packed)(const Resample &);
  void (*resample_pack)(const Resample &, int64_t part, float *packed);
  int64_t (*resample_scratch)(const Resample &);
  void (*resample_sample)(const Resample &, int64_t row, const Runs &, int64_t from, int64_t to, float *samples,
                          float *scratch);
  void (*resample_fit)(const Resample &, int64_t row, const Runs &, int64_t part, const float *packed,
                       const float *samples, float *out, float *scratch);
  // sum[i] = Σ parts[p · step + i] over p < count, in that order, for i < size.
  void (*sum_parts)(const float *parts, int64_t count, int64_t step, int64_t size, float *sum);
};

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_TABLE_H_
