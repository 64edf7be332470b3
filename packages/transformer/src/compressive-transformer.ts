import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { CompressiveTransformerConfig, CompressiveTransformerOptions } from "./compressive-config.js";
import { resolveCompressiveTransformerConfig } from "./compressive-config.js";
import { compressiveDecoder } from "./compressive-decoder.js";
import type {
  CompressiveForwardModel,
  CompressiveForwardOptions,
  CompressiveForwardOutput,
} from "./compressive-forward.js";
import { compressiveForward } from "./compressive-forward.js";
import type { CompressiveTransformerParams } from "./compressive-params.js";
import { initCompressiveTransformer } from "./compressive-params.js";
import type { CompressiveState } from "./compressive-state.js";
import { compressiveRows, initialCompressiveState, resetCompressiveRows } from "./compressive-state.js";
import type { LanguageModel, LanguageModelFunctions } from "./language-model.js";

/** A Compressive Transformer: configuration and parameters. */
export interface CompressiveTransformer extends LanguageModel<CompressiveState> {
  readonly config: CompressiveTransformerConfig;
  readonly params: CompressiveTransformerParams;
}

/** How it runs. */
export const compressiveFunctions: LanguageModelFunctions<CompressiveForwardModel, CompressiveState> = {
  initialState: (model, batch, room) => initialCompressiveState(model.config, batch, room),
  resetRows: resetCompressiveRows,
  unfinished: (state) => compressiveRows(state).current,
  forward: compressiveForward,
  decoder: compressiveDecoder,
};

/**
 * A new Compressive Transformer with parameters drawn from `rng`.
 *
 * @returns a model owned by the caller: `disposeCompressiveTransformer` frees it.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function createCompressiveTransformer(
  options: CompressiveTransformerOptions,
  rng: Rng,
): CompressiveTransformer {
  const config = resolveCompressiveTransformerConfig(options);
  return { config, params: initCompressiveTransformer(config, rng), functions: compressiveFunctions };
}

/** Frees the parameters. */
export function disposeCompressiveTransformer(model: CompressiveTransformer): void {
  disposeTree(model.params);
}

/**
 * One forward pass of a Compressive Transformer over up to one segment of
 * tokens: short-term memory as in Transformer-XL, and a memory of compressed
 * rows behind it.
 *
 * @param model borrowed.
 * @param state borrowed; `initialCompressiveState(config, batch)` before the first token.
 * @param tokens `[batch, count]` int32, within one segment.
 * @returns logits, next state and, if asked for, the auxiliary loss; owned by the caller.
 * @throws {ShapeError} as `compressiveForward` says.
 * @see Rae et al. (2019), "Compressive Transformers for Long-Range Sequence Modelling",
 *   https://arxiv.org/abs/1911.05507
 */
export function compressiveTransformer(
  model: CompressiveForwardModel,
  state: CompressiveState,
  tokens: tf.Tensor2D,
  options?: CompressiveForwardOptions,
): CompressiveForwardOutput {
  return compressiveForward(model, state, tokens, options);
}
