import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect } from "vitest";
import {
  answersInLastSegment,
  segmentStarts,
  sortingExample,
  sortingLineExample,
  sortingTask,
  sortTarget,
  tokensSha256,
} from "../src/index.js";

/** The paper's rule, word by word: by decreasing count, then by first place, then by id. */
function answer(sequence: ArrayLike<number>, size: number): number[] {
  const ids = Array.from({ length: size }, (_, id) => id);
  const count = (id: number) => Array.from(sequence).filter((own) => own === id).length;
  const place = (id: number) => {
    const at = Array.from(sequence).indexOf(id);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  return ids.sort((a, b) => {
    if (count(a) !== count(b)) return count(b) - count(a);
    return place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : a - b;
  });
}

describe("the sorting task", () => {
  trial({ number: 17, fault: "sequences shorter than the vocabulary, and of one symbol" }, () => {
    for (const [length, vocabularySize] of [
      [1, 20],
      [5, 20],
      [19, 20],
      [1, 1],
      [7, 1],
      [3, 2],
    ] as const) {
      const task = sortingTask({ seed: 3, split: "test", length, vocabularySize });
      for (let index = 0; index < 20; index++) {
        const { sequence, target } = task.at(index);
        expect([...target]).toEqual(answer(sequence, vocabularySize));
        const { inputs, targets, weights } = sortingExample({ sequence, target });
        expect([...inputs]).toEqual([...sequence, vocabularySize, ...target.slice(0, -1)]);
        expect([...targets].slice(length)).toEqual([...target]);
        expect([...weights]).toEqual([...sequence.map(() => 0), ...target.map(() => 1)]);
      }
    }
  });

  trial({ number: 17, fault: "ties, and symbols that never come" }, () => {
    for (const sequence of [[2, 0, 1], [1, 2, 2, 1, 0, 0], [3, 3, 3], [4, 1, 4, 1, 0], []]) {
      expect([...sortTarget(sequence, 5)]).toEqual(answer(sequence, 5));
    }
  });

  trial({ number: 17, fault: "lengths that no segment divides" }, () => {
    for (const length of [236, 250, 37]) {
      const starts = segmentStarts(length + 20, 64);
      expect(starts.at(-1)).toBeLessThan(length + 20);
      expect((starts.at(-1) as number) + 64).toBeGreaterThanOrEqual(length + 20);
      expect(answersInLastSegment(length, 64)).toBe((starts.at(-1) as number) <= length);
    }
  });

  trial({ number: 17, fault: "a separator that is missing, twice there, or elsewhere" }, () => {
    for (const [line, got] of [
      [[0, 1, 1, 1, 0], "got 5 ids with none"],
      [[0, 2, 1, 0, 1], "got 5 ids with one at 1"],
      [[0, 1, 2, 2, 1], "got 5 ids with one at 2"],
      [[2, 0, 1], "got 3 ids with one at 0"],
      [[], "got 0 ids with none"],
    ] as const) {
      expect(() => sortingLineExample(line, 2)).toThrow(
        expect.objectContaining({ code: "ERR_DATASET", message: expect.stringContaining(got) }),
      );
    }
  });

  trial({ number: 17, fault: "the same seed on another system" }, async () => {
    const sequences = Array.from({ length: 50 }, (_, index) => {
      return sortingTask({ seed: 17, split: "train", length: 101, vocabularySize: 20 }).at(index).sequence;
    });
    expect(await tokensSha256(sequences)).toBe(
      "e6e0d0b4b337dc3a438914e6764b0cb59d0fc36c42d1938b139b8e3f2d5ef0d1",
    );
  });
});
