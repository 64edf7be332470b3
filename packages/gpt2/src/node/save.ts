import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSafetensors } from "@infinite-former/safetensors/node";
import { configToHuggingFace } from "../hugging-face-config.js";
import type { Gpt2Model } from "../model.js";
import { writeWeights } from "../weights.js";

/**
 * Writes a GPT-2 in Hugging Face layout: `config.json` and
 * `model.safetensors`, float32. A plain GPT-2 can be loaded by `transformers`.
 *
 * @param folder made if it is not there; files of these names are replaced.
 * @param model borrowed.
 * @param options `endOfText`: the token between texts, `null` for none; GPT-2's own by default, where the vocabulary
 *   is as large as its.
 */
export async function saveGpt2(
  folder: string,
  model: Gpt2Model,
  options: { readonly endOfText?: number | null } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = `${JSON.stringify(configToHuggingFace(model.config, options.endOfText), null, 2)}\n`;
  await writeSafetensors(
    join(folder, "model.safetensors"),
    await writeWeights(model.config, model.params),
    { format: "pt" }, // what transformers asks of a file it loads
  );
  await writeFile(join(folder, "config.json"), json);
}
