import {
  createGpt2,
  type Gpt2,
  type Gpt2Config,
  type Gpt2Params,
  gpt2From,
  type MemoryStart,
} from "@infinite-former/gpt2";
import { loadGpt2 } from "@infinite-former/gpt2/node";
import type { Rng } from "@infinite-former/random";
import { initNormal } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { namedFrom } from "./source.js";

/**
 * The model of a new run: new weights, or those of a folder with the memory
 * added and rows for the tokens that it does not know.
 *
 * @param config complete. @param from a folder in Hugging Face layout, `null` for new weights.
 * @returns owned by the caller: `disposeGpt2` frees it.
 * @throws {UsageError} `ERR_USAGE` naming what is wrong with the folder.
 */
export async function openModel(
  config: Gpt2Config,
  from: string | null,
  memoryStart: MemoryStart,
  rng: Rng,
): Promise<Gpt2> {
  if (from === null) return createGpt2(config, rng, memoryStart);
  const { segmentLength, longTerm, compressed } = config;
  const loaded = await namedFrom(from, () =>
    loadGpt2(from, {
      segmentLength,
      ...(longTerm === undefined ? {} : { longTerm }),
      ...(compressed === undefined ? {} : { compressed }),
      rng: rng.split("memory"),
      memoryStart,
    }),
  );
  loaded.plan?.dispose();
  return gpt2From(config, withRows(loaded.params, config, rng.split("tokens")));
}

/** Parameters, which it takes over, with as many rows of tokens as a configuration has; new ones N(0, .02²). */
function withRows(params: Gpt2Params, { vocabularySize, modelSize }: Gpt2Config, rng: Rng): Gpt2Params {
  const more = vocabularySize - params.tokens.shape[0];
  if (more <= 0) return params;
  const joined = (table: tf.Tensor2D, shape: readonly [number, number], axis: 0 | 1, name: string) =>
    tf.tidy(() => {
      const rows = initNormal([...shape], 0.02, rng.split(name)) as tf.Tensor2D;
      const whole = tf.concat([table, rows], axis) as tf.Tensor2D;
      table.dispose();
      return whole;
    });
  return {
    ...params,
    tokens: joined(params.tokens, [more, modelSize], 0, "table"),
    ...(params.output === undefined ? {} : { output: joined(params.output, [modelSize, more], 1, "output") }),
  };
}
