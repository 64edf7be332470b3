import { readFileSync } from "node:fs";
import { createRng } from "@infinite-former/random";
import { type Matrix, matrix } from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import {
  createInfiniteFormer,
  disposeInfiniteFormer,
  forward,
  initialState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

const [segmentLength, modelSize] = [64, 64];
/** Texts that hardly change: the first decision records of this repository, byte by byte. */
const texts = ["0001-monorepo-and-native-engine", "0002-compile", "0003-fits-of-our-own"];

/**
 * What a long-term memory absorbs: hidden states of the last block of a small
 * ∞-former with new parameters, which reads the decision records.
 *
 * @returns `[length, 64]`
 */
export function hiddenStates(length: number): Matrix {
  const files = texts.map((name) => readFileSync(new URL(`../../docs/adr/${name}.md`, import.meta.url)));
  const bytes = Buffer.concat(files).subarray(0, length);
  const model = createInfiniteFormer(
    {
      vocabularySize: 256,
      layers: 4,
      modelSize,
      heads: 4,
      innerSize: 128,
      segmentLength,
      shortTermLength: segmentLength,
      longTerm: { basisCount: 64, sampleCount: 128 },
    },
    createRng(1),
  );
  const data = new Float64Array(length * modelSize);
  let state = initialState(model.config, 1);
  for (let start = 0; start < length; start += segmentLength) {
    const tokens = tf.tensor2d(
      Int32Array.from(bytes.subarray(start, start + segmentLength)),
      [1, segmentLength],
      "int32",
    );
    const out = forward(model, state, tokens, { logits: "none" });
    data.set(out.hidden.dataSync(), start * modelSize);
    disposeTree([state, tokens, out.hidden]);
    state = out.state;
  }
  disposeTree(state);
  disposeInfiniteFormer(model);
  return matrix(length, modelSize, data);
}
