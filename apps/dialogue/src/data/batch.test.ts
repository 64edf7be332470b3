import { activateBackend } from "@infinite-former/backend";
import { disposeTree } from "@infinite-former/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { responseBatch } from "./batch.js";

describe("responseBatch", () => {
  beforeAll(async () => {
    await activateBackend("cpu");
  });

  it("gives every segment of every step a seed of its own, whatever the number of the step", () => {
    const [count, length] = [5, 4];
    const tokens = new Int32Array(count * length);
    const few = new Float32Array(2);
    const row = { count, tokens, types: tokens, targets: Int32Array.of(0, 0), words: few, weights: few };
    const seeds = [0, 1, 2, 4095, 4096, 8192, 60_000, 1_000_000].flatMap((step) => {
      const batch = responseBatch([row], "words", {}, { seed: 3, step });
      const found = [...batch.prefix, batch.last].map(({ seed }) => [...seed.dataSync()].join());
      disposeTree(batch);
      return found;
    });
    expect(seeds).toHaveLength(8 * count);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
