import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { TransformerXlConfig, TransformerXlOptions } from "./config.js";
import { resolveTransformerXlConfig } from "./config.js";
import type { ForwardOutput } from "./forward.js";
import { forward } from "./forward.js";
import type { ForwardOptions, LanguageModel } from "./language-model.js";
import type { TransformerParams } from "./params.js";
import { initTransformer } from "./params.js";
import type { TransformerState } from "./state.js";
import { transformerFunctions } from "./transformer-functions.js";

/** A Transformer-XL: configuration and parameters. */
export interface TransformerXl extends LanguageModel<TransformerState> {
  readonly config: TransformerXlConfig;
  readonly params: TransformerParams;
  /** There is no long-term memory. */
  readonly plan: null;
}

/**
 * A new Transformer-XL with parameters drawn from `rng`.
 *
 * @returns a model owned by the caller: `disposeTransformerXl` frees it.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function createTransformerXl(options: TransformerXlOptions, rng: Rng): TransformerXl {
  const config = resolveTransformerXlConfig(options);
  return { config, plan: null, params: initTransformer(config, rng), functions: transformerFunctions };
}

/** Frees the parameters. */
export function disposeTransformerXl(model: TransformerXl): void {
  disposeTree(model.params);
}

/**
 * One forward pass of a Transformer-XL over up to one segment of tokens.
 *
 * @param model borrowed.
 * @param state borrowed; `initialState(config, batch)` before the first token.
 * @param tokens `[batch, count]` int32, within one segment.
 * @returns logits and next state, owned by the caller.
 * @throws {ShapeError} as `forward` says.
 * @see Dai et al. (2019), "Transformer-XL", https://arxiv.org/abs/1901.02860
 */
export function transformerXl(
  model: TransformerXl,
  state: TransformerState,
  tokens: tf.Tensor2D,
  options?: ForwardOptions,
): ForwardOutput {
  return forward(model, state, tokens, options);
}
