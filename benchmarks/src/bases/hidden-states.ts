import type { Compiler } from "@infinite-former/command-line";
import { type Matrix, matrix } from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import {
  disposeInfiniteFormer,
  forward,
  type InfiniteFormer,
  initialState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { mobyDick } from "./moby-dick.js";
import { trainedModel } from "./trained-model.js";

/** Characters that are trained on; what is read afterwards follows them. */
const trained = 900_000;

/**
 * What a long-term memory absorbs: inputs of the last block of a small
 * ∞-former, trained on the first 900,000 bytes of Moby-Dick, which reads on.
 *
 * @param length how many, a multiple of the segment's 64.
 * @returns `[length, 64]`, and the training loss of the last updates in nats per byte.
 */
export async function hiddenStates(
  length: number,
  compile: Compiler,
): Promise<{ readonly states: Matrix; readonly loss: number }> {
  const bytes = await mobyDick();
  const { model, loss } = trainedModel(bytes.subarray(0, trained), compile);
  const states = read(model, bytes.subarray(trained, trained + length));
  disposeInfiniteFormer(model);
  return { states, loss };
}

function read(model: InfiniteFormer, bytes: Uint8Array): Matrix {
  const { config } = model;
  const { segmentLength, modelSize } = config;
  const data = new Float64Array(bytes.length * modelSize);
  let state = initialState(config, 1);
  for (let start = 0; start < bytes.length; start += segmentLength) {
    const ids = Int32Array.from(bytes.subarray(start, start + segmentLength));
    const tokens = tf.tensor2d(ids, [1, ids.length], "int32");
    const out = forward(model, state, tokens, { logits: "none" });
    const rows = (out.state.recent.at(-1) as tf.Tensor).dataSync();
    data.set(rows.slice(-segmentLength * modelSize), start * modelSize);
    disposeTree([state, tokens, out.hidden]);
    state = out.state;
  }
  disposeTree(state);
  return matrix(bytes.length, modelSize, data);
}
