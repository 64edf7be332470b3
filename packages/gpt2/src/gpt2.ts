import type { MemoryPlan } from "@infinite-former/memory";
import { createMemoryPlan } from "@infinite-former/memory";
import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import type { LanguageModel, LanguageModelFunctions } from "@infinite-former/transformer";
import { memoryConfig } from "@infinite-former/transformer";
import type { Gpt2Config, Gpt2Options } from "./config.js";
import { remembers, resolveGpt2Config } from "./config.js";
import { gpt2Decoder } from "./decoder.js";
import type { MemoryStart } from "./memory-params.js";
import type { Gpt2Model } from "./model.js";
import { gpt2 } from "./model.js";
import type { Gpt2Params } from "./params.js";
import { initGpt2 } from "./params.js";
import type { Gpt2State } from "./state.js";
import { initialState, resetRows, unfinished } from "./state.js";

/** A GPT-2: configuration, parameters and, with a long-term memory, its constants. */
export interface Gpt2 extends LanguageModel<Gpt2State>, Gpt2Model {
  readonly config: Gpt2Config;
  readonly plan: MemoryPlan | null;
}

/** How every GPT-2 runs. */
export const gpt2Functions: LanguageModelFunctions<Gpt2Model, Gpt2State> = {
  initialState: (model, batch, room) => initialState(model.config, batch, room),
  resetRows,
  unfinished,
  forward: gpt2,
  decoder: gpt2Decoder,
};

/**
 * A new GPT-2 with parameters drawn from `rng`.
 *
 * @param start how its memory begins, if it has one; `"authors"` by default.
 * @returns a model owned by the caller: `disposeGpt2` frees it.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function createGpt2(options: Gpt2Options, rng: Rng, start?: MemoryStart): Gpt2 {
  const config = resolveGpt2Config(options);
  return gpt2From(config, initGpt2(config, rng, start));
}

/**
 * A GPT-2 of given parameters, such as `readWeights` gives; it owns them from here on.
 *
 * @param config resolved.
 */
export function gpt2From(config: Gpt2Config, params: Gpt2Params): Gpt2 {
  const plan = remembers(config) ? createMemoryPlan(memoryConfig(config)) : null;
  return { config, params, plan, functions: gpt2Functions };
}

/** Frees parameters and constants. */
export function disposeGpt2(model: Gpt2): void {
  disposeTree(model.params);
  model.plan?.dispose();
}
