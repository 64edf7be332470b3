import { createRng } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { stickyRowSeeds, stickySeeds } from "./sticky-seeds.js";

describe("stickySeeds", () => {
  it("gives every row one seed that depends on the generator's root alone", () => {
    const rng = createRng(4);
    tf.tidy(() => {
      const three = Array.from(stickySeeds(rng, 3).dataSync());
      rng.uniform();
      const [one] = [Array.from(stickySeeds(rng, 1).dataSync())];
      expect(three).toEqual([...one, ...one, ...one]);
      expect(one.every((word) => word === (word | 0))).toBe(true);
      expect(Array.from(stickySeeds(createRng(5), 1).dataSync())).not.toEqual(one);
    });
  });
});

describe("stickyRowSeeds", () => {
  it("gives each row a seed of its own, the same for the same step and others for the next", () => {
    tf.tidy(() => {
      const of = (step: number) => stickyRowSeeds(tf.tensor1d([1337, step], "int32"), 16);
      const [first, again, next] = [of(7), of(7), of(8)].map((seeds) => Array.from(seeds.dataSync()));
      expect(again).toEqual(first);
      expect(of(7).dtype).toBe("int32");
      const all = [...(first as number[]), ...(next as number[])];
      expect(new Set(all).size).toBe(all.length);
      expect(Math.max(...all)).toBeLessThan(2 ** 23);
    });
  });
});
