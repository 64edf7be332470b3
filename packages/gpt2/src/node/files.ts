import { openSafetensorsModel } from "@infinite-former/safetensors/node";

/**
 * Names of the files that decide what `loadGpt2` gives for a folder: `config.json` and those with the weights.
 *
 * @throws {SafetensorsError} `ERR_SAFETENSORS` as `loadGpt2` does.
 */
export async function gpt2Files(folder: string): Promise<string[]> {
  const weights = await openSafetensorsModel(folder);
  await weights.close();
  return ["config.json", ...new Set([...weights.tensors.values()].map(({ file }) => file))];
}
