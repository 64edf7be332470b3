import type * as tf from "@tensorflow/tfjs-core";
import { type AdamWConfig, type AdamWState, adamW, initAdamW, resolveAdamWConfig } from "./adamw.js";

/** An optimiser as a pair of pure functions over trees of parameters. */
export interface Optimizer<P extends object, S extends object> {
  /** Whether `update` multiplies gradients by a scale itself, which saves clipping a pass over them. */
  readonly takesScale?: boolean;
  /** The state before the first update, owned by the caller. */
  init(params: P): S;
  /**
   * One update: borrows all, returns new tensors; reads nothing back.
   * @param gradientScale multiplies every gradient first; given only where `takesScale`.
   */
  update(
    params: P,
    gradients: P,
    state: S,
    learningRate: tf.Scalar,
    gradientScale?: tf.Scalar,
  ): { params: P; state: S };
}

/** AdamW with a resolved configuration. @throws {ConfigError} `ERR_CONFIG` naming a field out of range. */
export function adamWOptimizer<P extends object>(
  partial: Partial<AdamWConfig> = {},
): Optimizer<P, AdamWState<P>> {
  const config = resolveAdamWConfig(partial);
  return {
    takesScale: true,
    init: initAdamW,
    update: (params, gradients, state, learningRate, gradientScale) =>
      adamW(config, params, gradients, state, learningRate, gradientScale),
  };
}
