import { existsSync } from "node:fs";
import { join } from "node:path";
import { hashFiles } from "@infinite-former/command-line";
import { gpt2Files, inspectGpt2, loadGpt2 } from "@infinite-former/gpt2/node";
import { gpt2Settings } from "./gpt2-settings.js";
import type { ModelSource } from "./model-source.js";

/** Ids of GPT-2's own tokenizer. */
const gpt2Tokens = 50_257;

/** A GPT-2 in Hugging Face layout. */
export async function huggingFaceSource(path: string): Promise<ModelSource> {
  const config = await inspectGpt2(path);
  const load = async (): Promise<object> => {
    const { params, plan } = await loadGpt2(path);
    plan?.dispose();
    return params;
  };
  return {
    path,
    ...gpt2Settings(config),
    tokenizer: tokenizerOf(path, config.vocabularySize),
    tokenizerIsItsOwn: false,
    async weights() {
      return { startedFrom: { path, files: await hashFiles(path, await gpt2Files(path)) }, load };
    },
  };
}

/** The folder where it has a tokenizer; GPT-2's own where the ids are as many. */
function tokenizerOf(path: string, ids: number): string | null {
  const has = (name: string): boolean => existsSync(join(path, name));
  if (has("tokenizer.json") || (has("vocab.json") && has("merges.txt"))) return path;
  return ids === gpt2Tokens ? "gpt2" : null;
}
