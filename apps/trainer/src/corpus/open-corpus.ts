import { UsageError } from "@infinite-former/command-line";
import { textPieces } from "@infinite-former/datasets/node";
import type { CorpusName, DataSettings } from "../config/schema.js";
import { type Corpus, type Environment, named } from "./corpus.js";
import { filesCorpus } from "./files-corpus.js";
import { mobyDick } from "./moby-dick.js";
import { scanFiles, sha256Of } from "./scan-files.js";
import { sotuWikitext } from "./sotu-wikitext.js";
import { wikitext103 } from "./wikitext-103.js";

const byName: Readonly<
  Record<CorpusName, (settings: DataSettings, environment: Environment) => Promise<Corpus>>
> = {
  "moby-dick": mobyDick,
  "sotu-wikitext": sotuWikitext,
  "wikitext-103": wikitext103,
};

/**
 * Opens the corpus that a configuration names: finds its files, and reads them
 * once for checksum and sizes.
 *
 * @param environment says where corpora lie that are known by name.
 * @throws {UsageError} `ERR_USAGE` naming the field and file: missing, empty,
 *   another layout, not UTF-8, or too short to give both splits two characters.
 */
export async function openCorpus(
  settings: DataSettings,
  environment: Environment = process.env,
): Promise<Corpus> {
  const corpus = await named("data.text", () =>
    settings.text === null
      ? byName[settings.corpus](settings, environment)
      : filesCorpus(settings.text, settings),
  );
  const { train = 0, valid = 0 } = corpus.characters;
  if (train < 2 || valid < 2) {
    throw new UsageError(
      `data.text: ${corpus.source} is too short: ${train} characters to train and ${valid} to validate; each needs 2 at least`,
    );
  }
  return corpus;
}

/** One text file as a corpus of a single split, `train`: for `--data`. */
export async function openText(path: string, option: string): Promise<Corpus> {
  return named(option, async () => {
    const { digests, characters } = await scanFiles([path], "text");
    if (characters === 0) throw new UsageError(`${option}: ${path} holds no text`);
    const pieces: Corpus["pieces"] = (_, cut) => textPieces([path], { cut });
    return { source: path, sha256: await sha256Of(digests), characters: { train: characters }, pieces };
  });
}
