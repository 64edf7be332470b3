import { createRng } from "@infinite-former/random";
import { describe, expect, it } from "vitest";
import { descending } from "./descending.js";

describe("descending", () => {
  it("gives ids by falling score, equal ones by id, whatever ranks are asked for first", () => {
    const rng = createRng(3);
    for (const count of [1, 2, 3, 10, 257]) {
      const scores = Array.from({ length: count }, () => rng.integer(0, 40) / 7); // some are equal
      scores[0] = Number.NEGATIVE_INFINITY;
      scores[count - 1] = Number.NEGATIVE_INFINITY;
      const falling = (a: number, b: number) => Number(scores[b]) - Number(scores[a]) || a - b;
      const want = scores.map((_, id) => id).sort(falling);
      const ids = descending(scores);
      const middle = count >> 1;
      expect(ids.at(middle)).toBe(want[middle]);
      expect(scores.map((_, rank) => ids.at(rank))).toEqual(want);
    }
  });
});
