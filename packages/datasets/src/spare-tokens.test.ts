import { describe, expect, it } from "vitest";
import { tinyTokenizer } from "../test/tiny-tokenizer.js";
import { spareTokens } from "./spare-tokens.js";
import { decode } from "./vocabulary.js";

describe("spareTokens", () => {
  const whole = tinyTokenizer();

  it("are the rows that no text stands for", () => {
    const left = <T>(values: readonly T[]): (T | undefined)[] =>
      values.map((value, id) => (id === 3 || id === 40 ? undefined : value));
    const vocabulary = { ...whole, tokens: left(whole.tokens), bytes: left(whole.bytes) };
    const rows = whole.size + 3;
    const spare = spareTokens(vocabulary, rows);
    expect(spare).toEqual([3, 40, whole.size, whole.size + 1, whole.size + 2]);
    for (let id = 0; id < rows; id++) {
      const text = (): string => decode(vocabulary, [id]);
      if (id >= whole.size) expect(text).toThrow();
      else expect(text() === "").toBe(spare.includes(id));
    }
  });

  it("are none where every row has a token, whatever the kind of vocabulary", () => {
    expect(spareTokens(whole, whole.size)).toEqual([]);
    expect(spareTokens({ size: 4 }, 4)).toEqual([]);
    expect(spareTokens({ size: 4 }, 6)).toEqual([4, 5]);
  });
});
