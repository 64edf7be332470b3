import * as tf from "@tensorflow/tfjs-core";

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** What {@link runOwnKernels} works on. */
type Operands = Readonly<
  Record<
    | "x"
    | "cotangent"
    | "gain"
    | "bias"
    | "seed"
    | "first"
    | "second"
    | "scalars"
    | "ids"
    | "readOutCotangent"
    | "attentionCotangent",
    tf.Tensor
  > &
    Record<"readOut" | "attention" | "rowLinear" | "ringAttention" | "ring" | "densityReading", Tensors> &
    Record<"mass" | "drawing" | "resampling", Tensors>
>;

let state = 1;
/** Numbers in [low, 1) that need no package. */
function draw(shape: number[], low = -1): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((1 - low) * state) / 2 ** 32;
  });
  return tf.tensor(values, shape);
}

const [rows, size] = [501, 133];

/** Sizes that fill no vector and keep several threads busy at a time; owned by the caller, the same numbers each time. */
export function ownKernelOperands(): Operands {
  state = 1;
  const ids = Array.from({ length: rows }, (_, i) => (i * i) % 37);
  return {
    x: draw([rows, size]),
    cotangent: draw([rows, size]),
    gain: draw([size]),
    bias: draw([size]),
    seed: tf.tensor1d([3, -9], "int32"),
    first: draw([rows, size]),
    second: draw([rows, size], 0),
    scalars: tf.tensor1d([0.01, 0.2, 0.999, 0.5]),
    ids: tf.tensor1d(ids, "int32"),
    readOut: {
      mean: draw([2, 3, 301], 0),
      variance: draw([2, 3, 301], 0),
      values: draw([2, 3 * 61, 3, 35]),
      centers: draw([61], 0),
      widths: tf.tensor1d([0.01, 0.1, 0.3]),
    },
    readOutCotangent: draw([2, 301, 3, 35]),
    attention: {
      queries: draw([2, 301, 3, 35]),
      keysAndValues: draw([2, 421, 2, 3, 35]),
      positions: draw([421, 3, 35]),
      contentBias: draw([3, 35]),
      positionBias: draw([3, 35]),
    },
    attentionCotangent: draw([2, 301, 3, 35]),
    rowLinear: {
      x: draw([11, 601]),
      kernel: draw([601, 701]), // in two strips of four parts each
      bias: draw([701]),
      residual: draw([11, 701]),
      transposed: draw([1103, 601]),
    },
    ringAttention: {
      projected: draw([3, 3 * 5 * 37]),
      keys: draw([3, 5, 301, 37]),
      values: draw([3, 5, 301, 37]),
      slot: tf.scalar(70, "int32"),
      reach: tf.tensor1d([300, 17, 250], "int32"),
      distances: draw([5, 350, 37]),
      olderKeys: draw([3, 5, 40, 37]),
      olderValues: draw([3, 5, 40, 37]),
      older: tf.tensor1d([40, 0, 21], "int32"),
      origin: tf.tensor1d([349, 340, 345], "int32"),
      contentBias: draw([5, 37]),
      positionBias: draw([5, 37]),
    },
    ring: { ring: draw([3, 5, 7, 19]), rows: draw([3, 5, 19]), slot: tf.scalar(4, "int32") },
    densityReading: {
      queries: draw([4, 5 * 37]),
      directions: draw([4, 5, 37, 2]),
      bias: draw([2]),
      values: draw([4, 5, 201, 37]),
      centers: draw([201], 0),
      widths: draw([201], 0.01),
    },
    mass: {
      mean: draw([2, 3, 401], -0.2),
      variance: draw([2, 3, 401], 0),
      edges: tf.tensor1d(Array.from({ length: 38 }, (_, k) => k / 37)),
      weights: draw([2, 401], 0),
    },
    drawing: { attended: draw([2, 37], 0), draws: draw([2, 211], 0), even: draw([211], 0) },
    resampling: {
      coefficients: draw([2, 3 * 50, 67]),
      positions: draw([2, 211], 0),
      fit: draw([3 * 50, 211]),
      centers: tf.tensor1d(Array.from({ length: 50 }, (_, k) => k / 49)),
      widths: tf.tensor1d([0.01, 0.1, 0.3]),
    },
  };
}

/**
 * Results of every kernel of our own, by its name: the one list that tests of
 * threads, instruction sets and compiled graphs go through.
 */
export function runOwnKernels(given: Operands): Record<string, tf.Tensor[]> {
  const { x, cotangent, gain, bias, seed, first, second, scalars, ids, readOut, attention } = given;
  const { mass, drawing, resampling } = given;
  const results: Record<string, tf.Tensor[]> = {};
  const run = (name: string, inputs: Tensors | tf.Tensor[], attributes = {}): tf.Tensor[] => {
    const outputs = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes) as tf.Tensor[];
    results[name] = outputs;
    return outputs;
  };
  const norm = { x, gain, bias };
  const [, statistics] = run("InfiniteFormerLayerNorm", norm, { epsilon: 1e-5 }) as [tf.Tensor, tf.Tensor];
  run("InfiniteFormerLayerNormGrad", { ...norm, statistics, cotangent });
  const bend = { kind: 2, rate: 0.25, scale: 1 / 0.75 };
  run("InfiniteFormerActivation", { x, bias, seed }, bend);
  run("InfiniteFormerActivationGrad", { x, bias, seed, cotangent }, bend);
  const betas = { beta1: 0.9, beta2: 0.999, rest1: 0.1, rest2: 0.001, epsilon: 1e-8 };
  run("InfiniteFormerAdamW", { parameter: x, gradient: cotangent, first, second, scalars }, betas);
  run("InfiniteFormerGlobalNorm", [x, cotangent, gain]);
  run("InfiniteFormerScatterRows", { rows: x, ids }, { vocabulary: 40 });
  run("InfiniteFormerReadOut", readOut);
  run("InfiniteFormerReadOutGrad", { ...readOut, cotangent: given.readOutCotangent });
  run("InfiniteFormerAttentionMass", mass, { parabola: 0 });
  run("InfiniteFormerDrawPositions", drawing, { within: 1 });
  run("InfiniteFormerResample", resampling);
  const scale = { scale: 0.3 };
  const dropped = { ...scale, rate: 0.25, keep: 1 / 0.75 };
  const weighed = { ...attention, seed };
  const [context, logSums] = run("InfiniteFormerAttention", weighed, dropped) as [tf.Tensor, tf.Tensor];
  const kept = { ...weighed, context, logSums, cotangent: given.attentionCotangent };
  run("InfiniteFormerAttentionGrad", kept, dropped);
  const { transposed, ...plain } = given.rowLinear as Tensors & { readonly transposed: tf.Tensor };
  const few = run("InfiniteFormerRowLinear", plain, { kind: 2, transposed: 0 });
  const turned = { x: plain["x"] as tf.Tensor, kernel: transposed };
  few.push(...run("InfiniteFormerRowLinear", turned, { kind: 3, transposed: 1 }));
  results["InfiniteFormerRowLinear"] = few;
  run("InfiniteFormerRingAttention", given.ringAttention, scale);
  run("InfiniteFormerWriteRing", given.ring);
  run("InfiniteFormerDensityReading", given.densityReading, { ...scale, floor: 1e-3 });
  return results;
}
