import type { MemoryPlan } from "@infinite-former/memory";
import { createMemoryPlan } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import { ConfigError, disposeTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { InfiniteFormerConfig, InfiniteFormerOptions } from "./config.js";
import { memoryConfig, resolveInfiniteFormerConfig } from "./config.js";
import type { ForwardOutput } from "./forward.js";
import { forward } from "./forward.js";
import type { ForwardOptions, LanguageModel } from "./language-model.js";
import type { TransformerParams } from "./params.js";
import { initTransformer } from "./params.js";
import type { TransformerState } from "./state.js";
import { transformerFunctions } from "./transformer-functions.js";

/** An ∞-former: configuration, parameters and the constants of its memory. */
export interface InfiniteFormer extends LanguageModel<TransformerState> {
  readonly config: InfiniteFormerConfig;
  readonly params: TransformerParams;
  readonly plan: MemoryPlan;
}

/**
 * A new ∞-former with parameters drawn from `rng`.
 *
 * @returns a model owned by the caller: `disposeInfiniteFormer` frees it.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function createInfiniteFormer(options: InfiniteFormerOptions, rng: Rng): InfiniteFormer {
  const config = resolveInfiniteFormerConfig(options);
  return {
    config,
    plan: createMemoryPlan(memoryConfig(config)),
    params: initTransformer(config, rng),
    functions: transformerFunctions,
  };
}

/** Frees parameters and constants. */
export function disposeInfiniteFormer(model: InfiniteFormer): void {
  disposeTree(model.params);
  model.plan.dispose();
}

/**
 * One forward pass of an ∞-former over up to one segment of tokens: short-term
 * memory as in Transformer-XL, continuous long-term memory beside it.
 *
 * @param model borrowed.
 * @param state borrowed; `initialState(config, batch)` before the first token.
 * @param tokens `[batch, count]` int32, within one segment.
 * @returns logits, next state and KL penalties, owned by the caller.
 * @throws {ConfigError} `ERR_CONFIG` if the model is not an ∞-former; {ShapeError} as `forward` says.
 * @see Martins, Marinho & Martins (2022), "∞-former", https://arxiv.org/abs/2109.00301
 */
export function infiniteFormer(
  model: InfiniteFormer,
  state: TransformerState,
  tokens: tf.Tensor2D,
  options?: ForwardOptions,
): ForwardOutput {
  if (model.plan === null || model.config.longTerm === undefined) {
    throw new ConfigError(
      "longTerm",
      "infiniteFormer: longTerm must be configured, got none; use transformerXl",
    );
  }
  return forward(model, state, tokens, options);
}
