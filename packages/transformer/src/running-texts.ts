import type { Rng } from "@infinite-former/random";
import { concatRows, disposeTree, takeRows } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Decoder, Decoding } from "./decoder.js";
import type { GenerateBatchOptions } from "./generate-options.js";
import type { LanguageModel } from "./language-model.js";
import { readBy } from "./read.js";
import { readRaggedBy } from "./read-ragged.js";
import { RequestError } from "./request-error.js";
import { type SamplingOptions, sampleToken } from "./sampling.js";
import type { SegmentPass } from "./segment-pass.js";
import { stickySeeds } from "./sticky-seeds.js";

/** Texts that have been read and are written on, one a row; owns its tensors. */
export interface RunningTexts<State extends object> {
  /** The next token of every row, `null` in those that have ended. */
  choose(
    options: SamplingOptions,
    rngs: readonly Rng[],
    ended: readonly boolean[],
  ): Promise<(number | null)[]>;
  /** Reads a token in every row; one that has ended reads whatever keeps it in step. */
  read(ids: readonly (number | null)[]): void;
  /** What a row remembers, of batch 1; owned by the caller. */
  state(row: number): State;
  dispose(): void;
}

/**
 * Reads the prompts; the decoder takes up what was read when the first token is to be read.
 *
 * @throws {RequestError} `ERR_REQUEST` for a bad prompt; nothing is left behind.
 */
export function runningTexts<State extends object, Model extends LanguageModel<State>>(
  model: Model,
  decoder: Decoder<Model, State>,
  pass: SegmentPass<State>,
  given: Pick<GenerateBatchOptions<State>, "prompts" | "state">,
  rngs: readonly Rng[],
): RunningTexts<State> {
  if (rngs.length === 0) throw new RequestError("generate: prompts must hold at least one prompt, got none");
  const seeds = seedsOf(rngs);
  let states: readonly State[];
  let logits: tf.Tensor2D;
  try {
    ({ states, logits } = readPrompts(model, pass, given, seeds));
  } catch (error) {
    seeds.dispose();
    throw error;
  }
  const size = model.config.vocabularySize;
  let decoding: Decoding<State> | null = null;
  // What each row has had, for the repetition penalty.
  const had = given.prompts.map((prompt) => new Set(Array.from(prompt)));
  return {
    async choose(options, own, ended) {
      const scores = await logits.data();
      return own.map((rng, row) =>
        ended[row]
          ? null
          : sampleToken(scores.subarray(row * size, (row + 1) * size), options, rng, had[row]),
      );
    },
    read(ids) {
      ids.forEach((id, row) => {
        if (id !== null) had[row]?.add(id);
      });
      if (decoding === null) {
        decoding = decoder.start(model, states, seeds);
        disposeTree(states);
        states = [];
      }
      const next = decoding.step(ids.map((id) => id ?? 0));
      logits.dispose();
      logits = next;
    },
    state(row) {
      if (decoding !== null) return decoding.state(row);
      return states.length === 1 ? takeRows(states[0] as State, [row]) : takeRows(states[row] as State, [0]);
    },
    dispose() {
      disposeTree([states, logits, seeds]);
      decoding?.dispose();
    },
  };
}

/** `[rows, 2]`: each row's own. */
function seedsOf(rngs: readonly Rng[]): tf.Tensor2D {
  const each = rngs.map((rng) => ({ seeds: stickySeeds(rng, 1) }));
  const { seeds } = concatRows(each);
  disposeTree(each);
  return seeds;
}

/** One state of all rows where the prompts are equally long, else one a row. */
function readPrompts<State extends object, Model extends LanguageModel<State>>(
  model: Model,
  { forward }: SegmentPass<State>,
  { prompts, state }: Pick<GenerateBatchOptions<State>, "prompts" | "state">,
  seeds: tf.Tensor2D,
): { readonly states: readonly State[]; readonly logits: tf.Tensor2D } {
  const start = state ?? model.functions.initialState(model, prompts.length);
  const options = { stickySeeds: seeds };
  try {
    const alike = new Set(prompts.map(({ length }) => length)).size === 1;
    if (!alike) return readRaggedBy(forward, model, start, prompts, options);
    const out = readBy(forward, model, start, prompts, options);
    return { states: [out.state], logits: out.logits };
  } finally {
    if (state === undefined) disposeTree(start);
  }
}
