import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  compressiveTransformer,
  createCompressiveTransformer,
  createInfiniteFormer,
  disposeCompressiveTransformer,
  disposeInfiniteFormer,
  forward,
  initialCompressiveState,
  initialState,
  meanPenalty,
} from "../src/index.js";
import { smallCompressive } from "./compressive-model.js";
import { tokens } from "./model.js";
import { optimise } from "./optimise.js";
import { recall, recallSizes } from "./recall.js";

describe("an ∞-former", () => {
  it("learns to recall what only its long-term memory still holds", () => {
    const before = tf.memory().numTensors;
    const longTerm = { basisCount: 8, basisWidths: [0.05, 0.1], sampleCount: 16, gate: false };
    const model = createInfiniteFormer({ ...recallSizes, longTerm }, createRng(3));
    const empty = initialState(model.config, 8);
    const accuracy = recall(model.params, empty, (params, state, piece, logits) => {
      const out = forward({ ...model, params }, state, piece, { logits });
      return { ...out, regulariser: tf.mul(meanPenalty(out), 1e-6) };
    });
    expect(accuracy).toBe(1);
    disposeTree(empty);
    disposeInfiniteFormer(model);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a Compressive Transformer", () => {
  it("learns to recall what only its compressed memory still holds", () => {
    const before = tf.memory().numTensors;
    const compressed = { compressedLength: 6, compressionRatio: 2 };
    const model = createCompressiveTransformer({ ...recallSizes, ...compressed }, createRng(3));
    const empty = initialCompressiveState(model.config, 8);
    const accuracy = recall(model.params, empty, (params, state, piece, logits) => {
      const auxiliary = logits === "last";
      const out = compressiveTransformer({ ...model, params }, state, piece, { logits, auxiliary });
      return { ...out, regulariser: out.auxiliaryLoss ?? tf.scalar(0) };
    });
    expect(accuracy).toBe(1);
    disposeTree(empty);
    disposeCompressiveTransformer(model);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("learns by its auxiliary loss alone to compress what its queries read", () => {
    const model = smallCompressive({ layers: 1 });
    const [layer] = model.params.layers;
    const text = tf.tensor2d([tokens(15, 1), tokens(15, 2)], [2, 15], "int32");
    const loss = ({ compression }: { compression: NonNullable<typeof layer>["compression"] }): tf.Scalar => {
      const params = { ...model.params, layers: [{ ...layer, compression } as NonNullable<typeof layer>] };
      let state = initialCompressiveState(model.config, 2);
      let sum = tf.scalar(0);
      for (let start = 0; start < 15; start += 5) {
        const piece = tf.slice(text, [0, start], [2, 5]);
        const out = compressiveTransformer({ ...model, params }, state, piece, {
          logits: "none",
          auxiliary: true,
        });
        state = out.state;
        sum = tf.add(sum, out.auxiliaryLoss as tf.Scalar);
      }
      return sum;
    };
    const at = (params: { compression: NonNullable<typeof layer>["compression"] }): number => {
      const value = tf.tidy(() => loss(params));
      const [number] = value.dataSync();
      value.dispose();
      return number as number;
    };
    const initial = { compression: layer?.compression };
    const trained = optimise(initial, loss, { steps: 60, learningRate: 0.02 });
    expect(at(trained)).toBeLessThan(0.5 * at(initial));
    disposeTree([trained, text]);
    disposeCompressiveTransformer(model);
  });
});
