import { createRng } from "@infinite-former/random";
import { describe, expect, it } from "vitest";
import type { Response } from "./responses.js";
import { responseSegments } from "./segments.js";

const padding = 99;

function response(past: number, said: number): Response {
  const rng = createRng(past).split(`${said}`);
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, () => rng.integer(0, 50));
  return {
    conversation: "made-up",
    turn: 3,
    past: { tokens: draw(past), types: draw(past) },
    response: draw(said),
    text: "",
    type: 60,
    other: 61,
  };
}

describe("responseSegments", () => {
  it.each([
    [1, 3],
    [5, 4],
    [6, 2],
    [13, 4],
    [14, 1],
    [40, 3],
  ])("lays a past of %i and a response of %i tokens end to end", (past, said) => {
    const one = response(past, said);
    const sizes = { segmentLength: 9, responseTokens: 4, padding, remembers: true };
    const { count, tokens, types, targets, words, weights } = responseSegments(one, sizes);
    expect(count).toBe(1 + Math.ceil(Math.max(0, past - 5) / 9));
    const front = count * 9 - 4 - past;
    const back = 4 - said;
    const filled = (own: Iterable<number>): number[] => [
      ...Array(front).fill(padding),
      ...own,
      ...Array(back).fill(padding),
    ];
    expect([...tokens]).toEqual(filled([...one.past.tokens, ...one.response]));
    expect([...types]).toEqual(filled([...one.past.types, ...Array(said).fill(60)]));
    // The target of each of the last five places is the token after it.
    expect([...targets.subarray(0, said + 1)]).toEqual([...one.response, 61]);
    expect([...words]).toEqual([...Array(said).fill(1), ...Array(5 - said).fill(0)]);
    expect([...weights]).toEqual([...Array(said + 1).fill(1), ...Array(4 - said).fill(0)]);
    const alone = responseSegments(one, { ...sizes, remembers: false });
    expect(alone.count).toBe(1);
    expect([...alone.tokens]).toEqual([...tokens.subarray((count - 1) * 9)]);
    expect(alone.targets).toEqual(targets);
  });

  it("cuts a response that is too long, which has no end then", () => {
    const one = response(3, 7);
    const { tokens, targets, words, weights } = responseSegments(one, {
      segmentLength: 9,
      responseTokens: 4,
      padding,
      remembers: true,
    });
    expect([...tokens.subarray(5)]).toEqual([...one.response.subarray(0, 4)]);
    expect([...targets.subarray(0, 4)]).toEqual([...one.response.subarray(0, 4)]);
    expect([...words]).toEqual([1, 1, 1, 1, 0]);
    expect(weights).toEqual(words);
  });
});
