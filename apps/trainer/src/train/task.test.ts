import { activateBackend } from "@infinite-former/backend";
import { createRng } from "@infinite-former/random";
import { disposeTree, tidyTree } from "@infinite-former/tensor";
import { initialState, type TransformerState } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { findPreset, presetConfig } from "../config/resolve.js";
import { transformerModel } from "../models/transformer-model.js";
import { batchTensors, segmentTask } from "./task.js";

beforeAll(() => activateBackend("cpu").then(() => undefined));

describe("segmentTask", () => {
  it("draws sticky memories from the step's seed, for each row of its own", () => {
    const tiny = presetConfig(findPreset("tiny"));
    const config = { ...tiny, model: { ...tiny.model, sampling: "sticky" } } as const;
    const { segmentLength } = config.model;
    const model = transformerModel(config.model, 7, createRng(2));
    const task = segmentTask(model, config);
    const rows = 2;
    const inputs = Int32Array.from({ length: rows * segmentLength }, (_, i) => (i % segmentLength) % 7); // equal rows
    const batch = batchTensors(
      {
        inputs,
        targets: inputs,
        weights: new Float32Array(inputs.length).fill(1),
        fresh: new Uint8Array(rows),
        tokens: inputs.length,
      },
      { batchSize: rows, segmentLength },
      model.config,
    );
    // Both rows' coefficients after five segments, the third of them drawing first, by steps from `first` on.
    const read = (first: number): number[][] => {
      let state: object = initialState(model.config, rows, "full");
      for (let step = first; step < first + 5; step++) {
        const next = tidyTree(
          () => task.loss(model.params, state, batch, tf.tensor1d([9, step], "int32")).state,
        );
        disposeTree(state);
        state = next;
      }
      const values = Array.from((state as TransformerState).longTerm[0]?.coefficients.dataSync() ?? []);
      disposeTree(state);
      return [values.slice(0, values.length / 2), values.slice(values.length / 2)];
    };
    const [once, again, other] = [read(0), read(0), read(20)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(once[0]).not.toEqual(once[1]);
    disposeTree(batch);
    disposeTree(model.params);
    model.disposeConstants();
  });
});
