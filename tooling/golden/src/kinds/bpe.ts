import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type BytePairVocabulary,
  decode,
  encode,
  tokenizerFromJson,
  tokenizerFromMerges,
} from "@infinite-former/datasets";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, field } from "../fixture.js";

/** One string of `cases.json` with what the original makes of it. */
interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** What the ids are decoded to; the text itself where it is not given. */
  readonly decoded_keep_special?: string;
}

/**
 * Kind `bpe`: strings with their ids and tokens, by a tokenizer from
 * `tokenizer.json` and by one from `vocab.json` and `merges.txt`, and back.
 */
export async function checkBpe(fixture: Fixture, comparison: Comparison): Promise<void> {
  const folder = join(fixture.directory, field<string>(fixture, fixture.json, "folder"));
  const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  const file = JSON.parse(await text("cases.json")) as { vocab_size?: number; cases?: readonly Case[] };
  const { cases = [], vocab_size: size } = file;
  if (cases.length === 0) throw new FixtureError(`${fixture.name}: cases.json must hold cases, got none`);
  const one = tokenizerFromJson(JSON.parse(await text("tokenizer.json")));
  const ids = JSON.parse(await text("vocab.json")) as object;
  const special = one.special.map((token) => token.text).filter((name) => name in ids);
  const tokenizers: Readonly<Record<string, BytePairVocabulary>> = {
    "tokenizer.json": one,
    "merges.txt": tokenizerFromMerges(ids, await text("merges.txt"), special),
  };
  for (const [source, vocabulary] of Object.entries(tokenizers)) {
    if (size !== undefined) comparison.checkExact(`${source}: vocab_size`, [vocabulary.ids.size], [size]);
    cases.forEach((one, index) => {
      compareCase(comparison, vocabulary, one, `${source}: cases[${index}]`);
    });
  }
}

function compareCase(comparison: Comparison, vocabulary: BytePairVocabulary, one: Case, at: string): void {
  const { ids } = encode(vocabulary, one.text);
  const tokens = [...ids].map((id) => vocabulary.tokens[id]);
  comparison.checkExact(`${at}.ids`, ids, one.ids);
  comparison.checkExact(`${at}.tokens`, tokens, one.tokens);
  comparison.checkExact(`${at}.text`, [decode(vocabulary, ids)], [one.text]);
  const decoded = one.decoded_keep_special ?? one.text;
  comparison.checkExact(`${at}.decoded_keep_special`, [decode(vocabulary, one.ids)], [decoded]);
}
