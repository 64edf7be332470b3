import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tinyJson, tinyTokenizer } from "../../test/tiny-tokenizer.js";
import { encode } from "../vocabulary.js";
import { tokenizerFromJson, tokenizerToJson } from "./tokenizer-json.js";

type Json = Record<string, unknown> & {
  model: Record<string, unknown>;
  pre_tokenizer: Record<string, unknown>;
};

/** The tiny file after a change. */
function changed(change: (json: Json) => void): Json {
  const json = tinyJson() as Json;
  change(json);
  return json;
}

describe("tokenizerFromJson", () => {
  it.each([
    ["normalizer", (json: Json) => Object.assign(json, { normalizer: { type: "NFC" } })],
    ["pre_tokenizer.type", (json: Json) => Object.assign(json.pre_tokenizer, { type: "Whitespace" })],
    [
      "pre_tokenizer.add_prefix_space",
      (json: Json) => Object.assign(json.pre_tokenizer, { add_prefix_space: true }),
    ],
    ["pre_tokenizer.use_regex", (json: Json) => Object.assign(json.pre_tokenizer, { use_regex: false })],
    [
      "post_processor.type",
      (json: Json) => Object.assign(json, { post_processor: { type: "TemplateProcessing" } }),
    ],
    ["decoder.type", (json: Json) => Object.assign(json, { decoder: { type: "Metaspace" } })],
    ["decoder", (json: Json) => Object.assign(json, { decoder: null })],
    ["model.type", (json: Json) => Object.assign(json.model, { type: "Unigram" })],
    ["model.dropout", (json: Json) => Object.assign(json.model, { dropout: 0.1 })],
    ["model.end_of_word_suffix", (json: Json) => Object.assign(json.model, { end_of_word_suffix: "</w>" })],
    ["model.ignore_merges", (json: Json) => Object.assign(json.model, { ignore_merges: true })],
    ["model.vocab", (json: Json) => Object.assign(json.model, { vocab: [] })],
    ["model.merges[1]", (json: Json) => Object.assign(json.model, { merges: ["h e", "h e l"] })],
    [
      "added_tokens[0].lstrip",
      (json: Json) => Object.assign((json["added_tokens"] as object[])[0] as object, { lstrip: true }),
    ],
    [
      "added_tokens[0].special",
      (json: Json) => Object.assign((json["added_tokens"] as object[])[0] as object, { special: "no" }),
    ],
    [
      "added_tokens[0].id",
      (json: Json) => Object.assign((json["added_tokens"] as object[])[0] as object, { id: "0" }),
    ],
  ])("refuses what it does not read, naming %s", (path, change) => {
    const read = (): unknown => tokenizerFromJson(changed((json) => void change(json)));
    expect(read).toThrow(expect.objectContaining({ code: "ERR_DATASET" }));
    expect(read).toThrow(`tokenizer.json: ${path} must be `);
  });

  it.each([
    [
      "a byte without token",
      (vocab: Record<string, unknown>) => delete vocab["Ġ"],
      "a token for every byte, got none for byte 32",
    ],
    [
      "a merge without result",
      (vocab: Record<string, unknown>) => delete vocab["Ġwaited"],
      'got none for "Ġwaited" of merge',
    ],
    ["an id twice", (vocab: Record<string, unknown>) => (vocab["A"] = 2), "ids must differ, got 2"],
    [
      "an id that is none",
      (vocab: Record<string, unknown>) => (vocab["A"] = -1),
      'id of "A" must be a whole number',
    ],
    [
      "an id too large",
      (vocab: Record<string, unknown>) => (vocab["A"] = 1e12),
      'id of "A" must be a whole number',
    ],
  ])("refuses a vocabulary with %s", (_, change, message) => {
    const json = changed(({ model }) => void change(model["vocab"] as Record<string, unknown>));
    expect(() => tokenizerFromJson(json)).toThrow(message);
  });

  it("reads merges of both forms, and names like those of an object's members", () => {
    const json = changed(({ model }) => {
      model["merges"] = (model["merges"] as string[][]).map((pair) => pair.join(" "));
      model["vocab"] = JSON.parse(
        JSON.stringify(model["vocab"]).replace("{", '{"__proto__":334,"constructor":335,'),
      );
    });
    const vocabulary = tokenizerFromJson(json);
    expect(vocabulary.ids.get("__proto__")).toBe(334);
    const text = "The memory of its owners waited __proto__ constructor";
    expect([...encode(vocabulary, text).ids]).toEqual([...encode(tinyTokenizer(), text).ids]);
  });

  it("gives only typed errors, whatever it is fed", () => {
    const whole = JSON.stringify(tinyJson());
    const cut = fc.tuple(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(cut, ([at, length, text]) => {
        let json: unknown;
        try {
          json = JSON.parse(whole.slice(0, at) + text + whole.slice(at + length));
        } catch {
          return; // JSON's own refusal
        }
        try {
          tokenizerFromJson(json);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_DATASET" });
        }
      }),
      { seed: 6, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => tokenizerFromJson(value)).toThrow(expect.objectContaining({ code: "ERR_DATASET" }));
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});

describe("tokenizerToJson", () => {
  it("keeps what a file says of its added tokens", () => {
    const flags = { single_word: false, lstrip: false, rstrip: false };
    const added = [true, false].flatMap((special, i) =>
      [true, false].map((normalized, j) => ({
        id: 334 + 2 * i + j,
        content: `<${i}${j}>`,
        ...flags,
        normalized,
        special,
      })),
    );
    const json = changed((file) => void Object.assign(file, { added_tokens: added }));
    expect(tokenizerToJson(tokenizerFromJson(json))["added_tokens"]).toEqual(added);
  });

  it("is read back to the same vocabulary", () => {
    const vocabulary = tinyTokenizer();
    expect(tokenizerFromJson(JSON.parse(JSON.stringify(tokenizerToJson(vocabulary))))).toEqual(vocabulary);
  });
});
