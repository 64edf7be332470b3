import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textStream } from "./text-stream.js";
import { decode, encode } from "./vocabulary.js";
import {
  countWords,
  type WordVocabularyOptions,
  wordVocabulary,
  wordVocabularyFromJson,
  wordVocabularyToJson,
} from "./word-vocabulary.js";

function vocabularyOf(text: string, options?: WordVocabularyOptions) {
  const counts = new Map<string, number>();
  countWords(counts, text);
  return wordVocabulary(counts, options);
}

describe("wordVocabulary", () => {
  it("numbers words by falling count, equal counts by first occurrence; line end and unknown word among them", () => {
    expect(vocabularyOf("b a b\nc b a\n").words).toEqual(["b", "a", "<eos>", "c", "<unk>"]);
    expect(vocabularyOf("<unk> x <unk>").words).toEqual(["<unk>", "x", "<eos>"]);
  });

  it("keeps the most frequent within its size, and those used often enough", () => {
    const text = "a a a b b c\n";
    expect(vocabularyOf(text, { size: 4 }).words).toEqual(["a", "b", "<eos>", "<unk>"]);
    expect(vocabularyOf(text, { minimumCount: 2 }).words).toEqual(["a", "b", "<eos>", "<unk>"]);
  });

  it("reads other words as unknown and counts them, but not the text's own <unk>", () => {
    const vocabulary = vocabularyOf("a b\n");
    expect(encode(vocabulary, "a z <unk>\n")).toEqual({
      ids: Int32Array.of(
        vocabulary.ids.get("a")!,
        vocabulary.unknown,
        vocabulary.unknown,
        vocabulary.lineEnd,
      ),
      unknown: 1,
    });
  });

  it("gives words back with one space between them, whole or token by token", () => {
    const word = fc.stringMatching(/^[a-zé<>.,]{1,5}$/);
    const line = fc.array(word, { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const text = `a ${lines.map((words) => words.join("  ")).join("\n")}`;
        const vocabulary = vocabularyOf(text);
        const { ids, unknown } = encode(vocabulary, text);
        expect(unknown).toBe(0);
        const decoded = decode(vocabulary, ids);
        expect(encode(vocabulary, decoded).ids).toEqual(ids);
        const stream = textStream(vocabulary);
        expect([...ids].map((id) => stream.push(id)).join("") + stream.end()).toBe(decoded);
      }),
      { seed: 7 },
    );
    expect(decode(vocabularyOf("a b\nc"), encode(vocabularyOf("a b\nc"), " a   b\nc").ids)).toBe("a b\n c");
  });

  it("comes back from JSON", () => {
    const vocabulary = vocabularyOf("b a b\n");
    expect(wordVocabularyFromJson(JSON.parse(JSON.stringify(wordVocabularyToJson(vocabulary))))).toEqual(
      vocabulary,
    );
  });

  it.each([
    [{}, "format undefined"],
    [{ format: "infinite-former/words", version: 2, words: [] }, "version 2"],
    [{ format: "infinite-former/words", version: 1, words: ["a", "a"] }, 'got "a" at 1'],
    [{ format: "infinite-former/words", version: 1, words: ["a b"] }, 'got "a b" at 0'],
    [{ format: "infinite-former/words", version: 1, words: ["<eos>"] }, "must have <unk>"],
  ])("refuses %j", (json, message) => {
    expect(() => wordVocabularyFromJson(json)).toThrow(
      expect.objectContaining({ code: "ERR_DATASET", message: expect.stringContaining(message) }),
    );
  });

  it("refuses what leaves no words, and ids that it lacks", () => {
    expect(() => wordVocabulary(new Map())).toThrow(/got none/);
    expect(() => vocabularyOf("a b", { minimumCount: 2 })).toThrow(/minimumCount must leave words, got 2/);
    expect(() => vocabularyOf("a", { size: 2 })).toThrow(/size must be an integer ≥ 3, got 2/);
    expect(() => decode(vocabularyOf("a"), [0, 3])).toThrow(/ids\[1\] must be from 0 to 2, got 3/);
  });
});
