import { UsageError } from "@infinite-former/command-line";
import { corpusFiles, textPieces } from "@infinite-former/datasets/node";
import type { CorpusName, DataSettings } from "../config/schema.js";
import { type Corpus, type Environment, named, type SplitName } from "./corpus.js";
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

/** What `evaluate --data` reads. */
export interface DataToRead {
  /** Holds the split alone. */
  readonly corpus: Corpus;
  readonly split: SplitName;
  /** Whether the data has no splits and is read whole. */
  readonly whole: boolean;
}

/**
 * Opens what `--data` names, in whichever of the layouts of `data.text`.
 *
 * @param asked the split; `valid` by default where the data has splits.
 * @throws {UsageError} `ERR_USAGE` naming option and file: as `openCorpus`, or no such split.
 */
export async function openData(path: string, asked: SplitName | undefined): Promise<DataToRead> {
  return named("--data", async () => {
    const files = await corpusFiles(path);
    const whole = files.valid === null;
    if (whole && asked !== undefined)
      throw new UsageError(`--split ${asked}: ${path} has no splits and is read whole; leave out --split`);
    const split = whole ? "train" : (asked ?? "valid");
    const own = files[split];
    if (own === null) throw new UsageError(`--split ${split}: ${path} has none; there is train, valid`);
    const format = files.layout === "jsonl" ? "jsonl" : "text";
    const { digests, characters } = await scanFiles(own, format);
    if (characters === 0) throw new UsageError(`--data: ${own[0]} holds no text`);
    const pieces: Corpus["pieces"] = (_, cut) => textPieces(own, { format, cut });
    const sha256 = await sha256Of(digests);
    return { corpus: { source: path, sha256, characters: { [split]: characters }, pieces }, split, whole };
  });
}
