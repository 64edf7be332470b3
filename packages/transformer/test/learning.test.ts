import { createRng } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import {
  adamW,
  clipByGlobalNorm,
  crossEntropy,
  initAdamW,
  resolveAdamWConfig,
  valueAndGrad,
} from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import type { InfiniteFormer, TransformerState } from "../src/index.js";
import {
  createInfiniteFormer,
  disposeInfiniteFormer,
  forward,
  initialState,
  meanPenalty,
} from "../src/index.js";

const [batch, segmentLength, segments, symbols, filler] = [8, 4, 4, 4, 4];

/** A symbol, then nothing but filler; the symbol is asked for at the very end, beyond the short-term memory. */
function sequences(seed: number): { tokens: number[][]; answers: number[] } {
  const rng = createRng(seed);
  const answers = Array.from({ length: batch }, () => rng.integer(0, symbols));
  const tokens = answers.map((answer) => [answer, ...Array(segmentLength * segments - 1).fill(filler)]);
  return { tokens, answers };
}

function small(): InfiniteFormer {
  return createInfiniteFormer(
    {
      vocabularySize: symbols + 1,
      layers: 1,
      modelSize: 16,
      heads: 2,
      innerSize: 32,
      segmentLength,
      shortTermLength: segmentLength,
      longTerm: { basisCount: 8, basisWidths: [0.05, 0.1], sampleCount: 16, gate: false },
    },
    createRng(3),
  );
}

/** Loss and accuracy of the answer, gradient through the last segment. */
function lastSegment(model: InfiniteFormer, seed: number): { loss: tf.Scalar; accuracy: tf.Scalar } {
  const { tokens, answers } = sequences(seed);
  let state: TransformerState = initialState(model.config, batch);
  for (let index = 0; index < segments; index++) {
    const piece = tf.tensor2d(
      tokens.map((row) => row.slice(index * segmentLength, (index + 1) * segmentLength)),
      [batch, segmentLength],
      "int32",
    );
    const last = index === segments - 1;
    const out = forward(model, state, piece, { logits: last ? "last" : "none" });
    state = out.state;
    if (last) {
      const rows = tf.reshape(out.logits as tf.Tensor, [batch, -1]) as tf.Tensor2D;
      const wanted = tf.tensor1d(answers, "int32");
      const loss = tf.add(crossEntropy(rows, wanted).loss, tf.mul(meanPenalty(out), 1e-6)) as tf.Scalar;
      const accuracy = tf.mean(tf.cast(tf.equal(tf.argMax(rows, -1), wanted), "float32")) as tf.Scalar;
      return { loss, accuracy };
    }
  }
  throw new Error("there is no last segment");
}

describe("an ∞-former", () => {
  it("learns to recall what only its long-term memory still holds", () => {
    const model = small();
    const config = resolveAdamWConfig();
    let params = model.params;
    let moments = initAdamW(params);
    const before = tf.memory().numTensors;
    let accuracy = 0;
    for (let step = 0; step < 300 && accuracy < 1; step++) {
      const next = tidyTree(() => {
        const { gradients, aux } = valueAndGrad((now: typeof params) => {
          const out = lastSegment({ ...model, params: now }, 100 + step);
          return { loss: out.loss, aux: { accuracy: out.accuracy } };
        })(params);
        const clipped = clipByGlobalNorm(gradients, 1).gradients;
        return { ...adamW(config, params, clipped, moments, tf.scalar(0.02)), accuracy: aux.accuracy };
      });
      disposeTree(moments);
      if (params !== model.params) disposeTree(params);
      ({ params, state: moments } = next);
      next.accuracy.dispose();
      if (step % 10 === 9) {
        accuracy = tf.tidy(() => {
          const scores = [1, 2, 3, 4].map(
            (seed) => lastSegment({ ...model, params }, seed).accuracy.dataSync()[0] as number,
          );
          return tf.scalar(Math.min(...scores)).dataSync()[0] as number;
        });
      }
    }
    // Guessing gives 1/4; a model without the long-term memory can do no better.
    expect(accuracy).toBe(1);
    // Two trees of parameters are alive now, the first and the last; the memory's constants came with the first step.
    expect(tf.memory().numTensors - before).toBeLessThan(40);
    disposeTree(params);
    disposeTree(moments);
    disposeInfiniteFormer(model);
  });
});
