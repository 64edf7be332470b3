import { DatasetError } from "../errors.js";
import { type BytePairVocabulary, bytePairVocabulary, type SpecialToken } from "./vocabulary.js";

type Fields = Readonly<Record<string, unknown>>;

const where = "tokenizer.json";

/**
 * A vocabulary from a parsed `tokenizer.json`; untrusted. Byte-level byte
 * pairs with GPT-2's way to cut words are what is read; a file that asks for
 * anything else is refused.
 *
 * @throws {DatasetError} `ERR_DATASET` naming the field that is malformed or asks for something else.
 */
export function tokenizerFromJson(json: unknown): BytePairVocabulary {
  const file = object(json, "the file");
  const model = object(file["model"], "model");
  only(model["type"] ?? "BPE", "model.type", "BPE");
  only(file["normalizer"] ?? null, "normalizer", null);
  checkByteLevel(object(file["pre_tokenizer"], "pre_tokenizer"), "pre_tokenizer");
  only(object(file["decoder"], "decoder")["type"], "decoder.type", "ByteLevel");
  const after = file["post_processor"] ?? null;
  if (after !== null) only(object(after, "post_processor")["type"], "post_processor.type", "ByteLevel");
  only(model["dropout"] ?? null, "model.dropout", null, 0);
  only(model["continuing_subword_prefix"] ?? null, "model.continuing_subword_prefix", null, "");
  only(model["end_of_word_suffix"] ?? null, "model.end_of_word_suffix", null, "");
  only(model["byte_fallback"] ?? false, "model.byte_fallback", false);
  only(model["ignore_merges"] ?? false, "model.ignore_merges", false);
  return bytePairVocabulary(where, {
    vocabulary: Object.entries(object(model["vocab"], "model.vocab")),
    merges: list(model["merges"], "model.merges").map(mergeOf),
    special: list(file["added_tokens"] ?? [], "added_tokens").map(specialOf),
  });
}

/** The inverse of `tokenizerFromJson`: a `tokenizer.json` that Hugging Face's tokenizers read. */
export function tokenizerToJson(vocabulary: BytePairVocabulary): Record<string, unknown> {
  const { tokens, ids, ranks, size, special } = vocabulary;
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map(({ text, id, late, special: marked }) => ({
      id,
      content: text,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: late,
      special: marked,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(ids),
      merges: [...ranks.keys()].map((pair) => [tokens[Math.floor(pair / size)], tokens[pair % size]]),
    },
  };
}

function checkByteLevel(fields: Fields, path: string): void {
  only(fields["type"], `${path}.type`, "ByteLevel");
  only(fields["add_prefix_space"] ?? true, `${path}.add_prefix_space`, false);
  only(fields["use_regex"] ?? true, `${path}.use_regex`, true);
}

/** A merge is `"a b"` in older files, `["a", "b"]` in newer ones. */
function mergeOf(merge: unknown, rank: number): readonly [string, string] {
  const parts: unknown = typeof merge === "string" ? merge.split(" ") : merge;
  if (
    Array.isArray(parts) &&
    parts.length === 2 &&
    parts.every((part) => typeof part === "string" && part !== "")
  ) {
    return parts as unknown as readonly [string, string];
  }
  throw wrong(`model.merges[${rank}]`, "be two tokens", merge);
}

function specialOf(token: unknown, index: number): SpecialToken {
  const path = `added_tokens[${index}]`;
  const fields = object(token, path);
  for (const flag of ["single_word", "lstrip", "rstrip"])
    only(fields[flag] ?? false, `${path}.${flag}`, false);
  only(fields["special"] ?? true, `${path}.special`, true, false);
  const { content, id, normalized } = fields;
  if (typeof content !== "string") throw wrong(`${path}.content`, "be a string", content);
  if (typeof id !== "number") throw wrong(`${path}.id`, "be a number", id);
  return { text: content, id, late: normalized === true, special: fields["special"] !== false };
}

function object(value: unknown, path: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(path, "be an object", value);
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(path, "be a list", value);
}

/** @throws {DatasetError} unless the value is one of those that are supported. */
function only(value: unknown, path: string, ...supported: readonly unknown[]): void {
  if (supported.includes(value)) return;
  throw wrong(path, `be ${supported.map((one) => JSON.stringify(one)).join(" or ")}`, value);
}

function wrong(path: string, must: string, got: unknown): DatasetError {
  const shown = JSON.stringify(got) ?? String(got);
  return new DatasetError(
    `${where}: ${path} must ${must}, got ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}`,
  );
}
