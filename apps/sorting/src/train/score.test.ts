import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import { sortingTask } from "@infinite-former/datasets";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { segmentPlan } from "../data/segment-plan.js";
import type { SortingModel } from "../models/sorting-model.js";
import { createScorer } from "./score.js";

beforeAll(async () => {
  await activateBackend("cpu");
});

/** Always answers the symbol that it has just read. */
const echo: SortingModel = {
  params: {},
  segmentLength: 16,
  initialState: () => ({ none: tf.zeros([1]) }),
  readSegment: (_params, _state, tokens, { outputs }) => ({
    logits:
      typeof outputs === "number" && outputs > 0
        ? (tf.slice(tf.oneHot(tokens, 22), [0, tokens.shape[1] - outputs, 0]) as tf.Tensor3D)
        : null,
    state: { none: tf.zeros([1]) },
    penalty: null,
  }),
  dispose() {},
};

const plan = segmentPlan({
  length: 30,
  answers: 20,
  segmentLength: 16,
  gradientSegments: 1,
  wholeSegment: false,
});
const { signal } = new AbortController();

describe("createScorer", () => {
  it("counts right answers by place over all sequences, also where the last batch is not full", async () => {
    const task = sortingTask({ seed: 1, split: "test", length: 30 });
    const sequences = Array.from({ length: 7 }, (_, index) => task.at(index));
    // Made so that the echo is right at the places 1 to 3 of the first sequence alone.
    const repeated = { ...sequences[0]!, target: Int32Array.from(sequences[0]!.target) };
    repeated.target.fill(repeated.target[0]!, 0, 4);
    sequences[0] = repeated;
    const shares: number[] = [];
    const before = tf.memory().numTensors;
    const scorer = createScorer(echo, plan, 3, eager);
    const score = await scorer.score({}, sequences, { signal, onProgress: (share) => shares.push(share) });
    scorer.dispose();
    expect(score?.accuracyByPosition).toEqual(
      Array.from({ length: 20 }, (_, i) => (i >= 1 && i <= 3 ? 1 / 7 : 0)),
    );
    expect(score?.accuracy).toBeCloseTo(3 / 140, 12);
    expect(shares).toEqual([3 / 7, 6 / 7, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("gives nothing where it was told to stop", async () => {
    const sequences = [sortingTask({ seed: 1, split: "test", length: 30 }).at(0)];
    const scorer = createScorer(echo, plan, 3, eager);
    expect(await scorer.score({}, sequences, { signal: AbortSignal.abort() })).toBeNull();
  });
});
