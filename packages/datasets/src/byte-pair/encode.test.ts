import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tinyFolder, tinyJson, tinyTokenizer } from "../../test/tiny-tokenizer.js";
import { textStream } from "../text-stream.js";
import { decode, encode } from "../vocabulary.js";
import { tokenizerFromJson } from "./tokenizer-json.js";

const vocabulary = tinyTokenizer();

/** The tiny vocabulary with other tokens that stand under their own names. */
function withSpecial(
  ...added: { content: string; id: number; normalized?: boolean }[]
): ReturnType<typeof tinyTokenizer> {
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return tokenizerFromJson({ ...tinyJson(), added_tokens: added.map((token) => ({ ...plain, ...token })) });
}

describe("encode with byte pairs", () => {
  it("gives the ids of the original, also for odd white space, marks and scripts", () => {
    const file = readFileSync(new URL("odd-texts.json", tinyFolder), "utf8");
    const { cases } = JSON.parse(file) as { cases: [string, number[]][] };
    expect(cases.length).toBe(300);
    for (const [text, ids] of cases) expect([text, [...encode(vocabulary, text).ids]]).toEqual([text, ids]);
  });

  it("is undone by decode, for every well-formed string", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.string({
        unit: fc.constantFrom(" ", "'", "s", "the", "\n", "\ufeff", "\u0085", "<|endoftext|>", "😀"),
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, unknown } = encode(vocabulary, text);
        expect(decode(vocabulary, ids)).toBe(text);
        expect(unknown).toBe(0);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it("turns half a surrogate pair into U+FFFD, as every UTF-8 encoder does", () => {
    expect(decode(vocabulary, encode(vocabulary, "a\ud83dz").ids)).toBe("a\ufffdz");
  });

  it("keeps a byte-order mark", () => {
    expect(decode(vocabulary, encode(vocabulary, "\ufeffa").ids)).toBe("\ufeffa");
  });

  it("takes special tokens as one, the longest that fits, and nothing else of them", () => {
    const end = { content: "<|endoftext|>", id: 0 };
    const longer = withSpecial(
      end,
      { content: "<|endoftext|><|next|>", id: 400 },
      { content: "a.c", id: 401 },
    );
    const ids = (text: string): number[] => [...encode(longer, text).ids];
    expect(ids("<|endoftext|><|next|>")).toEqual([400]);
    expect(ids("<|endoftext|><|endoftext|>")).toEqual([0, 0]);
    expect(ids("a.c")).toEqual([401]);
    expect(ids("abc")).toEqual([...encode(vocabulary, "abc").ids]);
    expect(decode(longer, [400, 401])).toBe("<|endoftext|><|next|>a.c");
  });

  it("looks for late special tokens in what the early ones leave", () => {
    const both = withSpecial({ content: "ab", id: 400, normalized: true }, { content: "bc", id: 401 });
    expect([...encode(both, "abcab").ids]).toEqual([...encode(vocabulary, "a").ids, 401, 400]);
  });

  it("gives the same ids for a word met again", () => {
    const once = encode(vocabulary, "twelve steps, twelve").ids;
    expect([...encode(vocabulary, "twelve steps, twelve").ids]).toEqual([...once]);
    expect([...encode(vocabulary, "memory ".repeat(20_000)).ids].length).toBeGreaterThan(20_000);
  });
});

describe("decode with byte pairs", () => {
  it("names the position of an id that is none", () => {
    const holes = withSpecial({ content: "<hole>", id: 336 });
    for (const id of [337, -1, 0.5, Number.NaN]) {
      expect(() => decode(holes, [0, id])).toThrow(
        `ids[1] must be the id of a token, from 0 to 336, got ${id}`,
      );
    }
  });

  it("passes over an id that the vocabulary leaves out, as Hugging Face's tokenizers do", () => {
    const holes = withSpecial({ content: "<hole>", id: 336 });
    const { ids } = encode(vocabulary, "é a");
    const [first = 0, ...rest] = ids;
    expect(decode(holes, [335, first, 335, ...rest, 336, 335])).toBe("é a<hole>");
    const stream = textStream(holes);
    const told = [first, 335, ...rest].map((id) => stream.push(id));
    expect([told[1], told.join("") + stream.end()]).toEqual(["", "é a"]);
  });

  it("marks bytes that are no UTF-8", () => {
    const { ids } = encode(vocabulary, "é");
    expect(decode(vocabulary, ids.subarray(0, 1))).toBe("\ufffd");
  });
});
