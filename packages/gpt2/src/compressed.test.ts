import { disposeTree, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { type LossAndGradients, valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf, feed, smallCompressed, smallGpt2, tokens } from "../test/model.js";
import { plainGpt2 } from "../test/plain-gpt2.js";
import { disposeGpt2, type Gpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { type Gpt2State, initialState, resetRows } from "./state.js";
import { writeWeights } from "./weights.js";

/** Sums of some dozen float32 products against float64. */
const close = { abs: 2e-5, rel: 2e-5 };

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

function lossOf(model: Gpt2, state: Gpt2State, text: readonly number[]): tf.Scalar {
  return gpt2(model, state, batchOf([text]), { auxiliary: true }).auxiliaryLoss as tf.Scalar;
}

function gradientsOf(
  model: Gpt2,
  state: Gpt2State,
  text: readonly number[],
): LossAndGradients<Gpt2["params"], object> {
  const every = leaves(model.params).map(({ path }) => path);
  return valueAndGrad(
    (params: Gpt2["params"]) => ({ loss: lossOf({ ...model, params }, state, text), aux: {} }),
    { optional: every.filter((path) => !path.includes("compression")) },
  )(model.params);
}

describe("a GPT-2 with a compressed memory", () => {
  it.each([
    ["in every layer", smallCompressed],
    ["in one layer, of single rows", { compressed: { length: 7, ratio: 1, layers: [1] } }],
    ["of three rows, scores by layer", { scoresByLayer: true, compressed: { length: 3, ratio: 3 } }],
  ])("equals the formulas in float64 over four segments: %s", async (_, options) => {
    const model = smallGpt2(options);
    const weights = await writeWeights(model.config, model.params);
    const segments = [1, 2, 3, 4].map((seed) => tokens(5, seed));
    const { logits, state } = feed(model, [segments.flat()], [5, 5, 5, 5], initialState(model.config, 1));
    segments.forEach((ids, i) => {
      const want = plainGpt2(model.config, weights, ids, undefined, segments.slice(0, i)).flat();
      expectClose(logits[0]?.slice(i * 55, (i + 1) * 55) as number[], want, {
        ...close,
        name: `segment ${i}`,
      });
    });
    const alone = plainGpt2(model.config, weights, segments[3] as number[]).flat();
    expect(() => expectClose(logits[0]?.slice(3 * 55) as number[], alone, close)).toThrow();
    disposeTree(state);
    disposeGpt2(model);
  });

  it("reconstructs attention with a loss that moves the compression alone, as finite differences say", () => {
    // In the last layer: below, what is read differently changes the queries above, which are constant here.
    const model = smallGpt2({ compressed: { ...smallCompressed.compressed, layers: [1] } });
    const { state } = feed(model, [tokens(10, 1)], [5, 5], initialState(model.config, 1));
    const text = tokens(5, 2);
    const { gradients, loss } = gradientsOf(model, state, text);
    expect(loss.dataSync()[0]).toBeGreaterThan(1e-4);
    for (const { path, tensor } of leaves(gradients)) {
      const norm = Math.hypot(...tensor.dataSync());
      if (!path.includes("compression")) {
        expect(norm, path).toBe(0);
        continue;
      }
      const at = (step: number): number =>
        tf.tidy(() => {
          const layers = model.params.layers.map((layer, index) => {
            const { compressed } = layer;
            if (compressed === undefined || !path.startsWith(`layers.${index}.`)) return layer;
            const name = path.endsWith("kernel") ? "kernel" : "bias";
            const moved = tf.add(compressed.compression[name], tf.mul(tensor, step / norm));
            return {
              ...layer,
              compressed: { ...compressed, compression: { ...compressed.compression, [name]: moved } },
            };
          });
          return lossOf(
            { ...model, params: { ...model.params, layers } },
            state,
            text,
          ).dataSync()[0] as number;
        });
      const h = 0.02;
      const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      expect(norm, path).toBeGreaterThan(1e-4);
      expectClose([norm], [slope], { abs: 2e-4, rel: 1e-2, name: path });
    }
    disposeTree([state, gradients, loss]);
    disposeGpt2(model);
  });

  it("loses nothing where each row is kept as it is", () => {
    const model = smallGpt2({ compressed: { length: 5, ratio: 1 } });
    const layers = model.params.layers.map((layer) => ({
      ...layer,
      compressed: {
        ...layer.compressed,
        compression: { kernel: tf.tidy(() => tf.expandDims(tf.eye(12), 0)), bias: tf.zeros([12]) },
      },
    }));
    const same = { ...model, params: { ...model.params, layers } } as Gpt2;
    const { state } = feed(same, [tokens(5, 1)], [5], initialState(model.config, 1));
    const loss = tf.tidy(() => lossOf(same, state, tokens(5, 2)).dataSync()[0] as number);
    const other = tf.tidy(() => lossOf(model, state, tokens(5, 2)).dataSync()[0] as number);
    expect(loss).toBeLessThan(1e-10);
    expect(other).toBeGreaterThan(1e-4);
    disposeTree([state, layers.map(({ compressed }) => compressed.compression)]);
    disposeGpt2(model);
  });

  it("has a loss of 0, with gradients of 0, while nothing was compressed", () => {
    const model = smallGpt2(smallCompressed);
    for (const room of ["growing", "full"] as const) {
      const state = initialState(model.config, 1, room);
      const { gradients, loss } = gradientsOf(model, state, tokens(5, 2));
      const largest = leaves(gradients).map(({ tensor }) => Math.max(...tensor.dataSync().map(Math.abs)));
      expect([loss.dataSync()[0], Math.max(...largest)]).toEqual([0, 0]);
      disposeTree([state, gradients, loss]);
    }
    const state = initialState(model.config, 1);
    tf.tidy(() => {
      expect(gpt2(model, state, batchOf([tokens(5, 2)])).auxiliaryLoss).toBeNull();
    });
    disposeTree(state);
    disposeGpt2(model);
  });

  it("forgets in the rows that begin anew", () => {
    const model = smallGpt2(smallCompressed);
    const { state } = feed(model, [tokens(10, 1), tokens(10, 2)], [5, 5], initialState(model.config, 2));
    const ended = tf.tensor1d([0, 1]);
    const reset = resetRows(state, ended);
    const next = tf.tidy(() => {
      const out = gpt2(model, reset, batchOf([tokens(5, 3), tokens(5, 4)]));
      return out.state.compressed.map(({ filled }) => [...filled.dataSync()]);
    });
    expect(next).toEqual([
      [4, 0],
      [4, 0],
    ]);
    disposeTree([state, ended, reset]);
    disposeGpt2(model);
  });
});
