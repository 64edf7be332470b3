import { batchMatMul, hasKernel, seededUniform, sumToShape, withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** The operands of one attention; `B` batch rows, `q` queries, `K ≥ q` keys, `H` heads, `d` head size. */
export interface AttentionCoreInput {
  /** `[B, q, H, d]` */
  readonly queries: tf.Tensor4D;
  /** `[B, K, 2, H, d]`: keys, then values; the last q are the queries' own places. */
  readonly keysAndValues: tf.Tensor5D;
  /**
   * Vectors R of the distances `K − 1 … 0`, rows beyond them are not read:
   * `[rows ≥ K, H, d]`, or `[B, rows, H, d]` where each batch row has its own; none in a plain attention.
   */
  readonly positions?: tf.Tensor3D | tf.Tensor4D;
  /** `[H, d]`, u: added to queries that meet keys. */
  readonly contentBias?: tf.Tensor2D;
  /** `[H, d]`, v: added to queries that meet distances. */
  readonly positionBias?: tf.Tensor2D;
  /** `[B]` float32: the first key that each batch row sees; every key by default. A constant to gradients. */
  readonly first?: tf.Tensor1D;
  /** Multiplies the scores. */
  readonly scale: number;
  /**
   * Drops softmax weights, as `dropout` of a tensor `[B, H, q, K]` does: rate in (0, 1),
   * seed `[2]` int32, a constant to gradients. Nothing is dropped by default.
   */
  readonly dropout?: { readonly rate: number; readonly seed: tf.Tensor1D } | undefined;
}

/**
 * Causal softmax attention, with relative positions or without:
 * `softmax(scale · ((Q + u) Kᵀ + shift((Q + v) Rᵀ))) V`, query `i` seeing the
 * keys `first ≤ j ≤ K − q + i`, always its own among them.
 *
 * On native TensorFlow's processor backend one kernel each way, which takes a
 * few queries at a time: scores are neither written to memory nor kept for the
 * gradient, and keys that no query of the block sees cost nothing. Elsewhere
 * the same from matrix products.
 *
 * @returns `[B, q, H, d]`, owned by the caller. Differentiable in all but `first`.
 * @see Dai et al. (2019), "Transformer-XL", section 3.3, https://arxiv.org/abs/1901.02860;
 *   Dao et al. (2022), "FlashAttention", https://arxiv.org/abs/2205.14135
 */
export function attentionCore(input: AttentionCoreInput): tf.Tensor4D {
  const given = operands.filter((name) => input[name] !== undefined);
  const tensors = given.map((name) => input[name] as tf.Tensor);
  const { first, scale, dropout } = input;
  // Neither is differentiable.
  const constants = { ...(first ? { first } : {}), ...(dropout ? { seed: dropout.seed } : {}) };
  const rate = dropout?.rate ?? 0;
  const attributes = { scale, rate, keep: 1 / (1 - rate) };
  return withGradient<tf.Tensor4D>(tensors, (save) => {
    const all = {
      ...Object.fromEntries(given.map((name, i) => [name, tensors[i]])),
      ...constants,
    };
    if (hasKernel(fused)) {
      const [context, logSums] = tf.engine().runKernel(fused, all, attributes) as [tf.Tensor4D, tf.Tensor];
      save([...tensors, context, logSums, ...Object.values(constants)]);
      return {
        value: context,
        gradient: (cotangent, saved) => {
          const names = [...given, "context", "logSums", ...Object.keys(constants)];
          const kept = Object.fromEntries(names.map((name, i) => [name, saved[i] as tf.Tensor]));
          const slopes = tf
            .engine()
            .runKernel(`${fused}Grad`, { ...kept, cotangent }, attributes) as tf.Tensor[];
          return given.map((name) => slopes[operands.indexOf(name)] as tf.Tensor);
        },
      };
    }
    return composed({ ...all, scale, dropout } as unknown as AttentionCoreInput, given, save, scale);
  });
}

const fused = "InfiniteFormerAttention";

/** What it is differentiable in, in the kernel's order. */
const operands = ["queries", "keysAndValues", "positions", "contentBias", "positionBias"] as const;
type Operand = (typeof operands)[number];

/** Added to a score that must not count: its softmax weight is exactly zero in float32. */
const hidden = -1e30;

/** The same from matrix products; P and O are kept for the gradient. */
function composed(
  input: AttentionCoreInput,
  given: readonly Operand[],
  save: (tensors: tf.Tensor[]) => void,
  scale: number,
): { value: tf.Tensor4D; gradient: (cotangent: tf.Tensor4D, saved: tf.Tensor[]) => tf.Tensor[] } {
  const { queries, keysAndValues, positions, contentBias, positionBias, first } = input;
  const [batch, count, heads, size] = queries.shape;
  const keyCount = keysAndValues.shape[1];
  // [H, B, …]: every product is one batched matmul.
  const headFirst = tf.transpose(queries, [2, 0, 1, 3]);
  const biased = (bias: tf.Tensor2D | undefined): tf.Tensor4D => {
    return tf.mul(bias ? tf.add(headFirst, tf.reshape(bias, [heads, 1, 1, size])) : headFirst, scale);
  };
  const [keys, values] = tf.unstack(tf.transpose(keysAndValues, [2, 3, 0, 1, 4])) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const content = biased(contentBias);
  let scores = batchMatMul(content, keys, false, true);
  const shared = positions?.rank === 3;
  // With one table for all rows of the batch, their queries are the rows of one matrix.
  const lead = shared ? [heads, batch * count] : [heads, batch, count];
  let distances: { readonly table: tf.Tensor; readonly queries: tf.Tensor } | undefined;
  if (positions) {
    const rows = positions.shape.at(-3) as number;
    const axes = shared ? [1, 0, 2] : [2, 0, 1, 3];
    const wide = rows > keyCount ? positions : tf.pad(positions, padRow(positions.rank));
    const table = firstRows(tf.transpose(wide, axes), keyCount + 1);
    distances = { table, queries: tf.reshape(biased(positionBias), [...lead, size]) };
    // With one spare row the relative shift is one slice of the flattened scores.
    const flat = tf.reshape(batchMatMul(distances.queries, table, false, true), [
      heads * batch,
      count * (keyCount + 1),
    ]);
    const shifted = tf.slice(flat, [0, count - 1], [heads * batch, count * keyCount]);
    scores = tf.add(scores, tf.reshape(shifted, [heads, batch, count, keyCount]));
  }
  const weights = tf.softmax(tf.add(scores, maskOf(count, keyCount, first)));
  const factors = input.dropout && keepFactors(input.dropout, [batch, heads, count, keyCount]);
  const read = batchMatMul(factors ? tf.mul(weights, factors) : weights, values) as tf.Tensor4D;
  const rest = distances ? [distances.table, distances.queries] : [];
  save([content, keys, values, weights, read, ...rest, ...(factors ? [factors] : [])]);
  return {
    value: tf.transpose(read, [1, 2, 0, 3]),
    gradient: (cotangent, saved) => {
      const [u, k, v, p, out, ...others] = saved as Saved;
      const [table, w] = distances ? others : [];
      const keep = factors ? others.at(-1) : undefined;
      const d = tf.transpose(cotangent, [2, 0, 1, 3]);
      const along = tf.sum(tf.mul(d, out), -1, true);
      const dWeights = batchMatMul(d, v, false, true);
      const slopes = tf.mul(p, tf.sub(keep ? tf.mul(dWeights, keep) : dWeights, along));
      const dContent = tf.mul(batchMatMul(slopes, k), scale) as tf.Tensor4D;
      const dKeys = batchMatMul(slopes, u, true, false);
      const dValues = batchMatMul(keep ? tf.mul(p, keep) : p, d, true, false);
      const found: Partial<Record<Operand, tf.Tensor>> = {
        keysAndValues: tf.transpose(tf.stack([dKeys, dValues]), [2, 3, 0, 1, 4]),
      };
      let dQueries: tf.Tensor = dContent;
      if (contentBias) found.contentBias = overHeads(dContent);
      if (positions && table && w) {
        const padded = tf.pad(tf.reshape(slopes, [heads * batch, count * keyCount]), [
          [0, 0],
          [count - 1, 1],
        ]);
        const byDistance = tf.reshape(padded, [...lead, keyCount + 1]);
        const dPosition = tf.mul(
          tf.reshape(batchMatMul(byDistance, table), [heads, batch, count, size]),
          scale,
        ) as tf.Tensor4D;
        const dTable = batchMatMul(byDistance, w, true, false);
        found.positions = tableGradient(dTable, positions.shape, keyCount);
        if (positionBias) found.positionBias = overHeads(dPosition);
        dQueries = tf.add(dContent, dPosition);
      }
      found.queries = tf.transpose(dQueries, [1, 2, 0, 3]);
      return given.map((name) => found[name] as tf.Tensor);
    },
  };
}

type Saved = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];

/** Factors of the weights, drawn for `[B, H, q, K]`, as `[H, B, q, K]`. */
function keepFactors(
  { rate, seed }: NonNullable<AttentionCoreInput["dropout"]>,
  shape: readonly [number, number, number, number],
): tf.Tensor {
  const kept = tf.cast(tf.greaterEqual(seededUniform(shape, seed), rate), "float32");
  return tf.transpose(tf.mul(kept, 1 / (1 - rate)), [1, 0, 2, 3]);
}

/** `[H, B, q, d]` summed to `[H, d]`. */
function overHeads(x: tf.Tensor4D): tf.Tensor {
  const [heads, , , size] = x.shape;
  return tf.reshape(sumToShape(tf.transpose(x, [1, 2, 0, 3]), [heads, size]), [heads, size]);
}

/** One more row after the last one of a table `[(B,) rows, H, d]`. */
function padRow(rank: number): [number, number][] {
  return Array.from({ length: rank }, (_, axis) => [0, axis === rank - 3 ? 1 : 0] as [number, number]);
}

/** The first rows of a table `[…, rows, d]`. */
function firstRows(table: tf.Tensor, rows: number): tf.Tensor {
  const { shape } = table;
  const size = [...shape.slice(0, -2), rows, shape.at(-1) as number];
  return shape.at(-2) === rows
    ? table
    : tf.slice(
        table,
        shape.map(() => 0),
        size,
      );
}

/** From `[H, (B,) K + 1, d]` back to the table's own layout, zeros in rows that are not read. */
function tableGradient(slopes: tf.Tensor, shape: readonly number[], keyCount: number): tf.Tensor {
  const batched = shape.length === 4;
  const rows = shape.at(-3) as number;
  const ordered = tf.transpose(slopes, batched ? [1, 2, 0, 3] : [1, 0, 2]);
  const kept = tf.slice(
    ordered,
    ordered.shape.map(() => 0),
    ordered.shape.map((n, i) => (i === ordered.rank - 3 ? keyCount : n)),
  );
  if (rows === keyCount) return kept;
  const missing = rows - keyCount;
  return tf.pad(
    kept,
    kept.shape.map((_, i) => [0, i === kept.rank - 3 ? missing : 0] as [number, number]),
  );
}

/** `[1, 1 or B, q, K]`: 0 where a query sees a key, else a large negative number. */
function maskOf(count: number, keyCount: number, first: tf.Tensor1D | undefined): tf.Tensor4D {
  const causal = new Float32Array(count * keyCount);
  const own = keyCount - count;
  for (let i = 0; i < count; i++) causal.fill(hidden, i * keyCount + own + i + 1, (i + 1) * keyCount);
  const mask = tf.tensor4d(causal, [1, 1, count, keyCount]);
  if (!first) return mask;
  const index = tf.tensor4d(
    Float32Array.from({ length: keyCount }, (_, j) => j),
    [1, 1, 1, keyCount],
  );
  const start = tf.minimum(tf.reshape(first, [1, -1, 1, 1]), own);
  return tf.add(mask, tf.mul(tf.cast(tf.less(index, start), "float32"), hidden));
}
