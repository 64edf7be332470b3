import { UsageError } from "@infinite-former/command-line";
import { corpusFiles, textPieces } from "@infinite-former/datasets/node";
import type { DataSettings } from "../config/schema.js";
import type { Corpus } from "./corpus.js";
import { cutInTwo } from "./cut-in-two.js";
import { scanFiles, sha256Of } from "./scan-files.js";

/**
 * A corpus of files, in whichever of the layouts; where it has no validation
 * split, the last share of its characters validates.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`; {UsageError} `ERR_USAGE` for a split without text.
 */
export async function filesCorpus(
  path: string,
  { layout, trainFraction }: Pick<DataSettings, "layout" | "trainFraction">,
): Promise<Corpus> {
  const files = await corpusFiles(path, layout);
  const format = files.layout === "jsonl" ? "jsonl" : "text";
  const [train, valid, test] = [
    await scanFiles(files.train, format),
    files.valid === null ? null : await scanFiles(files.valid, format),
    files.test === null ? null : await scanFiles(files.test, format),
  ];
  const scans = [train, valid, test].flatMap((one) => (one === null ? [] : [one]));
  for (const { characters, files: read } of scans) {
    if (characters === 0) throw new UsageError(`data.text: ${read[0]} holds no text`);
  }
  const border = Math.floor(train.characters * trainFraction);
  const own =
    valid === null
      ? { train: border, valid: train.characters - border }
      : { train: train.characters, valid: valid.characters };
  return {
    source: path,
    sha256: await sha256Of(scans.flatMap(({ digests }) => digests)),
    characters: { ...own, ...(test === null ? {} : { test: test.characters }) },
    pieces(split, cut) {
      if (split === "test") return textPieces(files.test ?? [], { format, cut });
      if (files.valid !== null)
        return textPieces(split === "train" ? files.train : files.valid, { format, cut });
      return cutInTwo(textPieces(files.train, { format, cut }), split, border);
    },
  };
}
