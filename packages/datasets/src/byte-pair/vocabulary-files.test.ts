import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tinyFolder, tinyTokenizer } from "../../test/tiny-tokenizer.js";
import { tokenizerFromMerges } from "./vocabulary-files.js";

const json = (): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL("vocab.json", tinyFolder), "utf8"));
const merges = readFileSync(new URL("merges.txt", tinyFolder), "utf8");

describe("tokenizerFromMerges", () => {
  it("gives the same vocabulary as tokenizer.json, whatever the line ends", () => {
    const { tokens, ranks, merged, special } = tinyTokenizer();
    for (const text of [merges, merges.replaceAll("\n", "\r\n"), merges.trimEnd()]) {
      expect(tokenizerFromMerges(json(), text)).toMatchObject({ tokens, ranks, merged, special });
    }
  });

  it("names special tokens that are not in the vocabulary", () => {
    expect(tokenizerFromMerges(json(), merges, []).special).toEqual([]);
    expect(() => tokenizerFromMerges(json(), merges, ["<pad>"])).toThrow(
      'special token "<pad>" must have an id',
    );
  });

  it.each(["a", "a b c", " a", "a "])("names the line that is no merge: %j", (line) => {
    expect(() => tokenizerFromMerges(json(), `#version: 0.2\nh e\n${line}\n`)).toThrow(
      `merges.txt: line 3 must be two tokens with a space between, got ${JSON.stringify(line)}`,
    );
  });

  it.each([null, [], "x"])("refuses a vocabulary that is no object: %j", (value) => {
    expect(() => tokenizerFromMerges(value, merges)).toThrow(
      expect.objectContaining({ code: "ERR_DATASET" }),
    );
  });
});
