import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterVocabulary, vocabularyFromJson, vocabularyToJson } from "./character-vocabulary.js";
import { decode, encode } from "./vocabulary.js";

describe("characterVocabulary", () => {
  it("numbers the characters by code point and the unknown symbol last", () => {
    const vocabulary = characterVocabulary("b😀aab\nﬀ");
    expect(vocabulary.characters).toEqual(["\n", "a", "b", "ﬀ", "😀"]);
    expect(vocabulary.unknown).toBe(5);
    expect(vocabulary.size).toBe(6);
  });

  it("refuses an empty text", () => {
    expect(() => characterVocabulary("")).toThrow(expect.objectContaining({ code: "ERR_DATASET" }));
  });
});

describe("encode and decode", () => {
  it("give any text back that the vocabulary knows, one id a code point", () => {
    const texts = fc
      .array(
        fc.integer({ min: 0, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff),
        { minLength: 1, maxLength: 50 },
      )
      .map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(texts, (text) => {
        const vocabulary = characterVocabulary(text);
        const { ids, unknown } = encode(vocabulary, text);
        expect(decode(vocabulary, ids)).toBe(text);
        expect(unknown).toBe(0);
        expect(ids).toHaveLength([...text].length);
        expect(vocabularyFromJson(JSON.parse(JSON.stringify(vocabularyToJson(vocabulary))))).toEqual(
          vocabulary,
        );
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it("count unknown characters and mark them", () => {
    const vocabulary = characterVocabulary("ab");
    const { ids, unknown } = encode(vocabulary, "a😀b__proto__");
    expect([...ids]).toEqual([0, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(unknown).toBe(10);
    expect(decode(vocabulary, ids.subarray(0, 3))).toBe("a\ufffdb");
  });

  it("name the position of an id that is none", () => {
    const vocabulary = characterVocabulary("ab");
    for (const id of [3, -1, 0.5, Number.NaN]) {
      expect(() => decode(vocabulary, [0, id])).toThrow(`ids[1] must be from 0 to 2, got ${id}`);
    }
  });
});

describe("vocabularyFromJson", () => {
  it.each([
    null,
    [],
    { format: "infinite-former/characters", version: 2, characters: "ab" },
    { format: "infinite-former/characters", version: 1, characters: "" },
    { format: "infinite-former/characters", version: 1, characters: "ba" },
    { format: "infinite-former/characters", version: 1, characters: "aa" },
  ])("refuses %j", (json) => {
    expect(() => vocabularyFromJson(json)).toThrow(expect.objectContaining({ code: "ERR_DATASET" }));
  });
});
