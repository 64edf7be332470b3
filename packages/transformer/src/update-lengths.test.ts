import type { MemoryPlan } from "@infinite-former/memory";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { describe, expect, it } from "vitest";
import { smallModel, tokens } from "../test/model.js";
import { disposeInfiniteFormer, initialState, read } from "./index.js";

/** The plan, and a list of the lengths it was asked for. */
function watched(plan: MemoryPlan): { readonly plan: MemoryPlan; readonly lengths: number[] } {
  const lengths: number[] = [];
  const update = (length: number) => {
    lengths.push(length);
    return plan.update(length);
  };
  return { plan: { ...plan, update }, lengths };
}

describe("the fits of a model that reads a text", () => {
  it.each([
    ["one length where the short-term memory is whole segments", 8, 4, [4]],
    ["one more while a memory fills, where it is not", 6, 4, [2, 4]],
  ])("are of %s, however the text is cut", (_, shortTermLength, segmentLength, want) => {
    const model = smallModel({ layers: 1, shortTermLength, segmentLength });
    for (const seed of [1, 2, 3]) {
      const rng = createRng(seed);
      const { plan, lengths } = watched(model.plan as MemoryPlan);
      const reader = { ...model, plan };
      let state = initialState(model.config, 1);
      for (let piece = 0; piece < 20; piece++) {
        const out = read(reader, state, [tokens(rng.integer(1, 12), piece)]);
        disposeTree(state);
        out.logits.dispose();
        state = out.state;
      }
      disposeTree(state);
      expect([...new Set(lengths)].sort()).toEqual(want);
    }
    disposeInfiniteFormer(model);
  });
});
