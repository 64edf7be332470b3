import { activateBackend } from "@infinite-former/backend";
import { sortingTask } from "@infinite-former/datasets";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { sequenceTensors } from "./batch.js";
import { segmentPlan } from "./segment-plan.js";
import { dataSha256, sortingData } from "./sorting-data.js";

beforeAll(async () => {
  await activateBackend("cpu");
});

describe("sequenceTensors", () => {
  it("gives every input once and in order, and the answers behind the last ones", () => {
    const task = sortingTask({ seed: 5, split: "train", length: 30 });
    const sequences = [task.at(0), task.at(1)];
    const plan = segmentPlan({
      length: 30,
      answers: 20,
      segmentLength: 16,
      gradientSegments: 1,
      wholeSegment: false,
    });
    const tensors = sequenceTensors(sequences, plan);
    expect(tensors.prefix.map(({ shape }) => shape)).toEqual([[2, 16]]);
    expect(tensors.tail.map(({ shape }) => shape)).toEqual([
      [2, 16],
      [2, 16],
      [2, 2],
    ]);
    const rows = tf.concat([...tensors.prefix, ...tensors.tail], 1);
    const inputs = sequences.map(({ sequence, target }) => [...sequence, 20, ...target.slice(0, -1)]);
    expect(rows.arraySync()).toEqual(inputs);
    expect(tensors.answers.arraySync()).toEqual(sequences.map(({ target }) => [...target]));
    disposeTree(tensors);
    rows.dispose();
  });
});

describe("sortingData", () => {
  it("scores all seeds on the same sequences and trains them on different ones", () => {
    const [one, two] = [sortingData(40, 1, 3), sortingData(40, 2, 3)];
    expect(one.heldOut).toEqual(two.heldOut);
    expect(one.train.at(0)).not.toEqual(two.train.at(0));
    expect(one.heldOut[0]).not.toEqual(sortingData(40, 0, 3).train.at(0));
  });

  it("has a hash that tells seeds and lengths apart and stays as it is", async () => {
    const hash = (length: number, seed: number) => dataSha256(sortingData(length, seed, 3), 2);
    expect(await hash(40, 1)).toBe(await hash(40, 1));
    expect(new Set([await hash(40, 1), await hash(40, 2), await hash(41, 1)]).size).toBe(3);
    expect((await hash(40, 1)).slice(0, 16)).toBe("dc19f9a6163db668");
  });
});
