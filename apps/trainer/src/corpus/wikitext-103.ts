import { existsSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, dataVariable, UsageError } from "@infinite-former/command-line";
import type { DataSettings } from "../config/schema.js";
import type { Corpus, Environment } from "./corpus.js";
import { filesCorpus } from "./files-corpus.js";

/** WikiText-103 as it is distributed: `wikitext-103/wiki.{train,valid,test}.tokens` in the folder of corpora. */
export async function wikitext103(
  settings: Pick<DataSettings, "trainFraction">,
  environment: Environment,
): Promise<Corpus> {
  const folder = dataFolder(import.meta.url, environment);
  const path = join(folder ?? "", "wikitext-103");
  if (folder === null || !existsSync(path)) {
    throw new UsageError(
      `data.corpus: wikitext-103 is not here: ${dataVariable} must name a folder that holds wikitext-103/wiki.train.tokens, ` +
        "wiki.valid.tokens and wiki.test.tokens; or give such a folder by --set data.text=FOLDER",
    );
  }
  return { ...(await filesCorpus(path, { ...settings, layout: "wikitext" })), source: "wikitext-103" };
}
