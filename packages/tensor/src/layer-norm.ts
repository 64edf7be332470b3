import * as tf from "@tensorflow/tfjs-core";
import { hasKernel } from "./backend.js";
import { type WithGradient, withGradient } from "./custom-gradient.js";
import { ones, zeros } from "./initialise.js";
import { assertSameShape, assertShape } from "./shape.js";
import { sumRows } from "./sum-to-shape.js";

/** Parameters of a layer normalisation. */
export interface LayerNormParams {
  readonly gain: tf.Tensor1D; // [size]
  readonly bias: tf.Tensor1D; // [size]
}

/** Gain one and bias zero. */
export function initLayerNorm(size: number): LayerNormParams {
  return { gain: ones([size]) as tf.Tensor1D, bias: zeros([size]) as tf.Tensor1D };
}

/**
 * Layer normalisation along the last axis: `gain · (x − mean)/√(variance + ε) + bias`,
 * with the biased variance. Carries its own gradient. On native TensorFlow's
 * processor backend one kernel each way, which keeps three numbers of each row
 * and loses no digits where rows lie far from zero; elsewhere composed, keeping
 * the normalised rows.
 *
 * @param x `[…, size]`.
 * @param epsilon ε > 0, added to the variance.
 * @returns `[…, size]`, owned by the caller. Differentiable in everything.
 * @throws {ShapeError} `ERR_SHAPE` if the last axis of `x` is not the size of the gain.
 * @see Ba, Kiros & Hinton (2016), https://arxiv.org/abs/1607.06450
 */
export function layerNorm(params: LayerNormParams, x: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const { size } = assertShape("layerNorm", "gain", params.gain, "[size]");
  assertShape("layerNorm", "bias", params.bias, "[size]", { size });
  assertShape("layerNorm", "x", x, "[…, size]", { size });
  return normalise(params, [x], epsilon);
}

/**
 * `layerNorm` of a sum of two or three tensors, which on native TensorFlow's
 * processor backend is taken on the way.
 *
 * @param terms tensors of one shape `[…, size]`.
 * @returns `[…, size]`, owned by the caller. Differentiable in everything.
 * @throws {ShapeError} `ERR_SHAPE` if terms differ in shape, or as `layerNorm` does.
 */
export function addLayerNorm(
  params: LayerNormParams,
  terms: readonly [tf.Tensor, tf.Tensor, tf.Tensor?],
  epsilon = 1e-5,
): tf.Tensor {
  const { size } = assertShape("addLayerNorm", "gain", params.gain, "[size]");
  assertShape("addLayerNorm", "bias", params.bias, "[size]", { size });
  assertShape("addLayerNorm", "terms", terms[0], "[…, size]", { size });
  const given = terms.filter((term) => term !== undefined) as tf.Tensor[];
  for (const term of given) assertSameShape("addLayerNorm", "terms", term.shape, terms[0].shape);
  return normalise(params, given, epsilon);
}

const fused = "InfiniteFormerLayerNorm";

function normalise({ gain, bias }: LayerNormParams, terms: readonly tf.Tensor[], epsilon: number): tf.Tensor {
  const [first] = terms as [tf.Tensor];
  return tf.tidy(() => {
    const rows = terms.map((term): tf.Tensor2D => tf.reshape(term, [-1, gain.size]));
    const y = withGradient<tf.Tensor2D>([...rows, gain, bias], (save) =>
      hasKernel(fused) ? native(rows, gain, bias, epsilon, save) : composed(rows, gain, bias, epsilon, save),
    );
    return first.rank === 2 ? y : tf.reshape(y, first.shape);
  });
}

type Save = (tensors: tf.Tensor[]) => void;

function native(
  rows: readonly tf.Tensor2D[],
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
  save: Save,
): WithGradient<tf.Tensor2D> {
  const [x, second, third] = rows as [tf.Tensor2D, tf.Tensor2D?, tf.Tensor2D?];
  const inputs = { x, gain, bias, ...(second ? { second } : {}), ...(third ? { third } : {}) };
  const [value, statistics, sum] = tf.engine().runKernel(fused, inputs, { epsilon }) as [
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor2D,
  ];
  save([rows.length > 1 ? sum : x, statistics, gain, bias]);
  return {
    value,
    gradient: (cotangent, saved) => {
      const [x, statistics, gain, bias] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const kept = { x, gain, bias, statistics, cotangent };
      const [dRows, dGain, dBias] = tf.engine().runKernel(`${fused}Grad`, kept) as ThreeTensors;
      return [...rows.map((_, i) => (i === 0 ? dRows : tf.clone(dRows))), dGain, dBias];
    },
  };
}

type ThreeTensors = [tf.Tensor, tf.Tensor, tf.Tensor];

function composed(
  terms: readonly tf.Tensor2D[],
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
  save: Save,
): WithGradient<tf.Tensor2D> {
  const rows = terms.reduce((sum, term) => tf.add(sum, term));
  const centred = tf.sub(rows, tf.mean(rows, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  const normal = tf.mul(centred, inverse);
  save([normal, inverse, gain]);
  return {
    value: tf.add(tf.mul(normal, gain), bias),
    gradient: (cotangent, saved) => {
      const [y, scale, g] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const inner = tf.mul(cotangent, g);
      const along = tf.mean(tf.mul(inner, y), -1, true);
      const flat = tf.sub(inner, tf.mean(inner, -1, true));
      const dRows = tf.mul(scale, tf.sub(flat, tf.mul(y, along)));
      return [
        ...terms.map((_, i) => (i === 0 ? dRows : tf.clone(dRows))),
        sumRows(tf.mul(cotangent, y)),
        sumRows(cotangent),
      ];
    },
  };
}
