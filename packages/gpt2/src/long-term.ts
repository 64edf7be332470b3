import type { LongTermMemory, MemoryPlan } from "@infinite-former/memory";
import { absorb, gate } from "@infinite-former/memory";
import type { LayerNormParams } from "@infinite-former/tensor";
import { cloneTree, layerNorm, stopGradient, tidyTree } from "@infinite-former/tensor";
import type { LongTermParams } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { remembers } from "./config.js";
import type { Gpt2LayerParams } from "./params.js";
import type { Gpt2State } from "./state.js";
import { unfinished } from "./state.js";

/**
 * The long-term memory that a layer reads in this segment: at a segment's
 * start the rows of the one before are gated and absorbed; inside a segment
 * the memory stays as it is.
 *
 * @param state with `previous`; borrowed.
 * @param positions where sticky memories sample the past, see `absorb`.
 * @returns the memory after the update, owned by the caller. Differentiable in
 *   the gate, never in the past.
 */
export function remembered(
  plan: MemoryPlan,
  params: LongTermParams,
  state: Gpt2State,
  index: number,
  positions: tf.Tensor2D | undefined,
): LongTermMemory {
  const past = state.longTerm[index] as LongTermMemory;
  return tidyTree(() => {
    if (unfinished(state) > 0) return cloneTree(past);
    const rows = state.previous[index] as tf.Tensor3D;
    const segment = params.gate === undefined ? rows : gate(params.gate, rows).gated;
    const { waiting: active } = state;
    return absorb(plan, past, segment, positions === undefined ? { active } : { active, positions });
  });
}

/**
 * What a layer will absorb of the rows it reads now: the hidden states as they
 * entered the block, constant; or these after the block's first layer norm,
 * constant but for the norm's own parameters, as the authors keep them.
 *
 * @param x `[batch, count, model]`
 * @returns `[batch, count, model]` owned by the caller.
 */
export function rowsToAbsorb(params: Gpt2LayerParams, config: Gpt2Config, x: tf.Tensor3D): tf.Tensor3D {
  const constant = stopGradient(x);
  if (!remembers(config) || config.longTerm.input === "hidden") return constant;
  return normed(params.attentionNorm, constant, config.normEpsilon);
}

function normed(params: LayerNormParams, x: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  const rows = layerNorm(params, x, epsilon) as tf.Tensor3D;
  x.dispose();
  return rows;
}
