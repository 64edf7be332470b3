import { readFileSync } from "node:fs";
import { type BytePairVocabulary, tokenizerFromJson } from "../src/index.js";

/** A vocabulary of 334 tokens trained on half a page, as Hugging Face's tokenizers wrote it. */
export const tinyFolder: URL = new URL("./fixtures/tiny-bpe/", import.meta.url);

/** Its `tokenizer.json`, parsed. */
export function tinyJson(): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL("tokenizer.json", tinyFolder), "utf8"));
}

/** The vocabulary. */
export function tinyTokenizer(): BytePairVocabulary {
  return tokenizerFromJson(tinyJson());
}
