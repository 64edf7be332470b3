import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tinyTokenizer } from "../test/tiny-tokenizer.js";
import { characterVocabulary } from "./character-vocabulary.js";
import { textStream } from "./text-stream.js";
import { decode, encode } from "./vocabulary.js";

const vocabulary = tinyTokenizer();

describe("textStream", () => {
  it("tells the same text as decode, whole characters at a time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const stream = textStream(vocabulary);
        const pieces = [...encode(vocabulary, text).ids].map((id) => stream.push(id));
        expect(pieces.join("") + stream.end()).toBe(text);
        expect(pieces.join("")).not.toContain("\ufffd");
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it("marks a character that was never finished", () => {
    const stream = textStream(vocabulary);
    const [first] = encode(vocabulary, "é").ids;
    expect(stream.push(first as number)).toBe("");
    expect(stream.end()).toBe("\ufffd");
  });

  it("names the place of an id that is none", () => {
    const stream = textStream(vocabulary);
    stream.push(1);
    expect(() => stream.push(9999)).toThrow("ids[1] must be the id of a token");
  });

  it("tells characters one by one", () => {
    const characters = characterVocabulary("ab");
    const stream = textStream(characters);
    expect([0, 1, 2].map((id) => stream.push(id)).join("") + stream.end()).toBe(
      decode(characters, [0, 1, 2]),
    );
  });
});
