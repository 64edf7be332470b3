import { existsSync } from "node:fs";
import { basename } from "node:path";
import { didYouMean, UsageError } from "@infinite-former/command-line";
import {
  bytesSha256,
  characterVocabulary,
  countWords,
  tokenizerFromJson,
  tokenizerToJson,
  type Vocabulary,
  vocabularyFromJson,
  vocabularyToJson,
  wordVocabulary,
  wordVocabularyFromJson,
  wordVocabularyToJson,
} from "@infinite-former/datasets";
import { readTokenizer } from "@infinite-former/datasets/node";
import type { DataSettings } from "../config/schema.js";
import { tokenizerNames } from "../config/settings.js";
import { type Corpus, named } from "./corpus.js";
import { gpt2Tokenizer } from "./gpt2-tokenizer.js";

/** What a token of a vocabulary is called in messages. */
export type TokenName = "character" | "word" | "token";

/** The name of a vocabulary's tokens, singular. */
export function tokenName(vocabulary: Vocabulary): TokenName {
  return "characters" in vocabulary ? "character" : "words" in vocabulary ? "word" : "token";
}

/** Where pieces of text may be cut for a vocabulary. */
export function cutFor(vocabulary: Vocabulary): "characters" | "space" {
  return "characters" in vocabulary ? "characters" : "space";
}

/**
 * The vocabulary of a run: of the corpus's training text, or a tokenizer's.
 *
 * @throws {UsageError} `ERR_USAGE` naming field and file.
 */
export async function buildVocabulary(corpus: Corpus, settings: DataSettings): Promise<Vocabulary> {
  const { tokenizer, vocabularySize, minimumCount } = settings;
  if (tokenizer === "characters") {
    const characters = new Set<string>();
    await named("data.text", async () => {
      for await (const { text } of corpus.pieces("train", "characters"))
        for (const one of text) characters.add(one);
    });
    return characterVocabulary([...characters].join(""));
  }
  if (tokenizer === "words") {
    const counts = new Map<string, number>();
    await named("data.text", async () => {
      for await (const { text } of corpus.pieces("train", "space")) countWords(counts, text);
    });
    const options = { minimumCount, ...(vocabularySize === null ? {} : { size: vocabularySize }) };
    return named("data.minimumCount", async () => wordVocabulary(counts, options));
  }
  if (tokenizer === "gpt2") return gpt2Tokenizer();
  return named("data.tokenizer", () => tokenizerAt(tokenizer));
}

/** The tokenizer of a folder or file; where there is none, the name that may have been meant. */
async function tokenizerAt(path: string): Promise<Vocabulary> {
  const name = basename(path);
  const meant = existsSync(path) ? undefined : didYouMean(name, [...tokenizerNames]);
  if (meant === undefined) return readTokenizer(path);
  throw new UsageError(`data.tokenizer: ${path}: no such file; did you mean ${meant}?`);
}

/** A vocabulary as a run keeps it, in `vocabulary.json`. */
export function vocabularyJson(vocabulary: Vocabulary): string {
  const json =
    "characters" in vocabulary
      ? vocabularyToJson(vocabulary)
      : "words" in vocabulary
        ? wordVocabularyToJson(vocabulary)
        : { format: "infinite-former/byte-pairs", version: 1, tokenizer: tokenizerToJson(vocabulary) };
  return JSON.stringify(json);
}

/**
 * The vocabulary of a run's `vocabulary.json`; untrusted.
 *
 * @throws {DatasetError} `ERR_DATASET` saying what is wrong with it.
 */
export function parseVocabulary(text: string): Vocabulary {
  const json = JSON.parse(text) as { readonly format?: unknown; readonly tokenizer?: unknown };
  if (json?.format === "infinite-former/words") return wordVocabularyFromJson(json);
  if (json?.format === "infinite-former/byte-pairs") return tokenizerFromJson(json.tokenizer);
  return vocabularyFromJson(json);
}

/** What tells a vocabulary in a memory's file: its characters in order; of words and byte pairs a checksum. */
export async function vocabularyId(vocabulary: Vocabulary): Promise<string> {
  if ("characters" in vocabulary) return vocabulary.characters.join("");
  return `sha256:${await vocabularySha256(vocabulary)}`;
}

/** SHA-256 of a vocabulary: tells two of them apart. */
export async function vocabularySha256(vocabulary: Vocabulary): Promise<string> {
  return bytesSha256(new TextEncoder().encode(vocabularyJson(vocabulary)));
}

/** @returns the warning about what a vocabulary lacks, or `null` where nothing was unknown. */
export function unknownWarning(what: string, unknown: number, vocabulary: Vocabulary): string | null {
  return unknownText(what, unknown, tokenName(vocabulary));
}

/** The same where only the tokens' name is known. */
export function unknownText(what: string, unknown: number, name: TokenName): string | null {
  if (unknown === 0) return null;
  return `${what}: ${unknown} ${name}${unknown === 1 ? "" : "s"} outside the vocabulary, read as the unknown symbol`;
}
