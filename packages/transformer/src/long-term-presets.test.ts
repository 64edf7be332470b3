import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { smallModel, tokens } from "../test/model.js";
import { disposeInfiniteFormer, infiniteFormer } from "./infinite-former.js";
import { longTermPresets } from "./long-term-presets.js";
import { read } from "./read.js";
import { initialState } from "./state.js";

describe("longTermPresets", () => {
  it("answers each of its questions, twice differently where paper and code differ", () => {
    const { paper, reference } = longTermPresets;
    expect(Object.keys(paper)).toEqual(Object.keys(reference));
    const same = Object.keys(paper).filter(
      (key) => paper[key as keyof typeof paper] === reference[key as keyof typeof paper],
    );
    expect(same).toEqual(["priorMean", "wipeAfter"]); // differ in the authors' GPT-2 models only
  });

  it.each(Object.entries(longTermPresets))("%s makes a model that reads and remembers", (_, preset) => {
    tf.tidy(() => {
      const model = smallModel({ longTerm: preset });
      expect(model.config.longTerm).toMatchObject(preset);
      const { state } = read(model, initialState(model.config, 1), [tokens(25, 3)]);
      const next = tf.tensor2d([tokens(5, 4)], [1, 5], "int32");
      const { logits, penalties } = infiniteFormer(model, state, next);
      for (const tensor of [logits, penalties]) {
        const values = [...(tensor as tf.Tensor).dataSync()];
        expect(values.every(Number.isFinite) && values.some((value) => value !== 0)).toBe(true);
      }
      disposeInfiniteFormer(model);
    });
  });
});
