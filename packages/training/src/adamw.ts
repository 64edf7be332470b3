import {
  assertTreesMatch,
  hasKernel,
  leaves,
  tidyTree,
  unflatten,
  zerosLikeTree,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError } from "./errors.js";

/** Settings of AdamW. JSON. */
export interface AdamWConfig {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Added to the root of the second moment, > 0. */
  readonly epsilon: number;
  /** Decoupled decay λ: parameters shrink by `learningRate · λ` a step; 0 is Adam. */
  readonly weightDecay: number;
  /** Parameters of fewer axes do not decay: with 2, biases and gains don't. */
  readonly decayFromRank: number;
  /** Path segments (`"embedding"`, `"layers.0.norm"`) under which nothing decays. */
  readonly noDecay: readonly string[];
  /** What multiplies the learning rate under path segments (`{ longTerm: 5 }`); of several the first that fits. */
  readonly rateFactors: Readonly<Record<string, number>>;
}

/** PyTorch's defaults, but no decay; decay, if set, leaves biases and gains alone as nanoGPT's does. */
export const defaultAdamWConfig: AdamWConfig = Object.freeze({
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decayFromRank: 2,
  noDecay: Object.freeze([]),
  rateFactors: Object.freeze({}),
});

/** Moments of AdamW, saved with a checkpoint. */
export interface AdamWState<P extends object> {
  /** Scalar: updates done; exact up to 2^24. */
  readonly step: tf.Scalar;
  /** Mean gradient, tree of the parameters' form. */
  readonly first: P;
  /** Mean squared gradient, tree of the parameters' form. */
  readonly second: P;
}

/** Fills in defaults and checks every field. @throws {ConfigError} `ERR_CONFIG` naming the field. */
export function resolveAdamWConfig(partial: Partial<AdamWConfig> = {}): AdamWConfig {
  const config = { ...defaultAdamWConfig, ...partial };
  const check = (path: keyof AdamWConfig, ok: boolean, must: string): void => {
    if (!ok) throw new ConfigError(`adamW: ${path} must be ${must}, got ${String(config[path])}`, path);
  };
  check("beta1", config.beta1 >= 0 && config.beta1 < 1, "in [0, 1)");
  check("beta2", config.beta2 >= 0 && config.beta2 < 1, "in [0, 1)");
  check("epsilon", config.epsilon > 0 && Number.isFinite(config.epsilon), "a number > 0");
  check("weightDecay", config.weightDecay >= 0 && Number.isFinite(config.weightDecay), "a number ≥ 0");
  check("decayFromRank", Number.isInteger(config.decayFromRank), "an integer");
  for (const [segment, factor] of Object.entries(config.rateFactors)) {
    if (factor > 0 && Number.isFinite(factor)) continue;
    const path = `rateFactors.${segment}`;
    throw new ConfigError(`adamW: ${path} must be a number > 0, got ${String(factor)}`, path);
  }
  return Object.freeze(config);
}

/** Zero moments for a tree of parameters, owned by the caller. */
export function initAdamW<P extends object>(params: P): AdamWState<P> {
  return { step: tf.scalar(0), first: zerosLikeTree(params), second: zerosLikeTree(params) };
}

/** Whether decay applies to the parameter at `path`. */
export function decays(config: AdamWConfig, path: string, rank: number): boolean {
  if (config.weightDecay === 0 || rank < config.decayFromRank) return false;
  return !config.noDecay.some((segment) => liesUnder(path, segment));
}

function liesUnder(path: string, segment: string): boolean {
  return `.${path}.`.includes(`.${segment}.`);
}

/** What the learning rate is multiplied by for the parameter at `path`. */
function rateFactor({ rateFactors }: AdamWConfig, path: string): number {
  return Object.entries(rateFactors).find(([segment]) => liesUnder(path, segment))?.[1] ?? 1;
}

/**
 * One update of AdamW, as PyTorch's: with t the update's number and g the gradient
 * `m = β₁m + (1−β₁)g`, `v = β₂v + (1−β₂)g²`,
 * `θ = θ(1 − ηλ) − η · m/(1−β₁ᵗ) / (√v/√(1−β₂ᵗ) + ε)`.
 *
 * Pure: borrows everything, returns new tensors, reads nothing back. The
 * bias corrections follow from the step alone, so a run resumed from saved
 * moments continues bit for bit. On native TensorFlow's processor backend one
 * kernel a parameter, which reads and writes each array once.
 *
 * @param gradients tree of the form and shapes of `params`.
 * @param learningRate η, a scalar tensor, so that a recorded step can vary it.
 * @param gradientScale scalar that multiplies every gradient first (clipping); none by default.
 * @throws {ShapeError} `ERR_SHAPE` naming the path where trees differ.
 * @see Loshchilov & Hutter (2019), "Decoupled weight decay regularization",
 *   https://arxiv.org/abs/1711.05101
 */
export function adamW<P extends object>(
  config: AdamWConfig,
  params: P,
  gradients: P,
  state: AdamWState<P>,
  learningRate: tf.Scalar,
  gradientScale?: tf.Scalar,
): { params: P; state: AdamWState<P> } {
  assertTreesMatch("adamW", "gradients", gradients, params);
  assertTreesMatch("adamW", "state.first", state.first, params);
  assertTreesMatch("adamW", "state.second", state.second, params);
  return tidyTree(() => {
    const step = tf.add(state.step, 1) as tf.Scalar;
    const root = tf.sqrt(biasCorrection(config.beta2, step));
    const make = hasKernel(fused) ? native : composed;
    const updates = new Map<number, Update>();
    /** The updates of all parameters with one rate share their scalars. */
    const updateOf = (factor: number): Update => {
      const known = updates.get(factor);
      if (known !== undefined) return known;
      const own = factor === 1 ? learningRate : tf.mul(learningRate, factor);
      const made = make(config, {
        rate: tf.div(own, biasCorrection(config.beta1, step)),
        root,
        shrink: tf.sub(1, tf.mul(own, config.weightDecay)),
        scale: gradientScale,
      });
      updates.set(factor, made);
      return made;
    };
    const [all, firsts, seconds] = [leaves(gradients), leaves(state.first), leaves(state.second)];
    const updated = leaves(params).map(({ path, tensor }, i) =>
      updateOf(rateFactor(config, path))(
        { parameter: tensor, gradient: all[i]!.tensor, first: firsts[i]!.tensor, second: seconds[i]!.tensor },
        decays(config, path, tensor.rank),
      ),
    );
    const tree = (part: keyof Updated): P =>
      unflatten(
        params,
        updated.map((one) => one[part]),
      );
    return { params: tree("parameter"), state: { step, first: tree("first"), second: tree("second") } };
  });
}

const fused = "InfiniteFormerAdamW";

/** What is the same for all parameters of one rate in one step. */
interface StepScalars {
  /** η/(1−β₁ᵗ) */
  readonly rate: tf.Tensor;
  /** √(1−β₂ᵗ) */
  readonly root: tf.Tensor;
  /** 1 − ηλ */
  readonly shrink: tf.Tensor;
  readonly scale: tf.Tensor | undefined;
}

/** Arrays of one parameter, before and after. */
interface Updated {
  readonly parameter: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}
type Given = Updated & { readonly gradient: tf.Tensor };
type Update = (given: Given, decay: boolean) => Updated;

function native({ beta1, beta2, epsilon }: AdamWConfig, scalars: StepScalars): Update {
  const { rate, root, shrink, scale = tf.scalar(1) } = scalars;
  const [decaying, plain] = [shrink, tf.scalar(1)].map((factor) => tf.stack([rate, root, factor, scale]));
  const attributes = { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon };
  return ({ parameter, gradient, first, second }, decay) => {
    const given = { parameter, gradient, first, second, scalars: (decay ? decaying : plain) as tf.Tensor };
    const next = tf.engine().runKernel(fused, given, attributes) as tf.Tensor[];
    const [newParameter, newFirst, newSecond] = next as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { parameter: newParameter, first: newFirst, second: newSecond };
  };
}

function composed({ beta1, beta2, epsilon }: AdamWConfig, scalars: StepScalars): Update {
  const { rate, root, shrink, scale } = scalars;
  const blend = (moment: tf.Tensor, value: tf.Tensor, beta: number): tf.Tensor =>
    tf.add(tf.mul(moment, beta), tf.mul(value, 1 - beta));
  return (given, decay) => {
    const gradient = scale ? tf.mul(given.gradient, scale) : given.gradient;
    const first = blend(given.first, gradient, beta1);
    const second = blend(given.second, tf.square(gradient), beta2);
    const spread = tf.add(tf.div(tf.sqrt(second), root), epsilon);
    const shrunk = decay ? tf.mul(given.parameter, shrink) : given.parameter;
    return { parameter: tf.sub(shrunk, tf.mul(rate, tf.div(first, spread))), first, second };
  };
}

/** `1 − βᵗ` without the cancellation that a float32 power would have for β near 1. */
function biasCorrection(beta: number, step: tf.Scalar): tf.Scalar {
  if (beta === 0) return tf.scalar(1);
  return tf.neg(tf.expm1(tf.mul(step, Math.log(beta)))) as tf.Scalar;
}
