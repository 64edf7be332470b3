import * as tf from "@tensorflow/tfjs-core";
import type { WordParams } from "./adaptive-params.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import { embedTokens } from "./embed-tokens.js";

type Sizes = Pick<CompressiveTransformerConfig, "tiedOutput" | "modelSize">;

/** What vectors of tokens are multiplied with: √model where the output is tied to them, whose table is small. */
export function embeddingScale({ tiedOutput, modelSize }: Sizes): number {
  return tiedOutput ? Math.sqrt(modelSize) : 1;
}

/**
 * Vectors of tokens as the first layer of a Compressive Transformer reads them.
 *
 * @param ids `[count]` int32; not checked.
 * @returns `[count, model]`, owned by the caller. Differentiable in the parameters.
 */
export function embedCompressive(config: Sizes, params: WordParams, ids: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const rows = embedTokens(params, ids);
    return config.tiedOutput ? tf.mul(rows, embeddingScale(config)) : rows;
  });
}
