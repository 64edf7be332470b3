import type { Rng } from "@infinite-former/random";
import { containedFile, openSafetensorsModel } from "@infinite-former/safetensors/node";
import { ConfigError, disposeTree } from "@infinite-former/tensor";
import { type ConfigChecks, configChecks } from "@infinite-former/transformer";
import type { Gpt2Config } from "../config.js";
import { memoryLayers } from "../config.js";
import { Gpt2FolderError } from "../errors.js";
import { type Gpt2, gpt2From } from "../gpt2.js";
import { configFromHuggingFace, type HuggingFaceAdditions } from "../hugging-face-config.js";
import { initLayerMemory, type MemoryStart } from "../memory-params.js";
import type { Gpt2Params } from "../params.js";
import { assertWeights, readWeights, type WeightSource } from "../weights.js";
import { readJsonFile } from "./json-file.js";

/** What is added to the model of a folder. */
export interface LoadGpt2Options extends HuggingFaceAdditions {
  /** Draws the parameters of a memory that the files have none of. */
  readonly rng?: Rng;
  /** How such a memory begins; `"authors"` by default, `"silent"` leaves the model's answers as they are. */
  readonly memoryStart?: MemoryStart;
}

const check: ConfigChecks = configChecks("loadGpt2");
const added: readonly (keyof HuggingFaceAdditions)[] = ["segmentLength", "longTerm", "compressed"];
const starts: readonly MemoryStart[] = ["authors", "silent"];

/**
 * Loads a GPT-2 from a folder in Hugging Face layout: `config.json` and
 * `model.safetensors` (or its shards). With `longTerm` or `compressed` a memory
 * is added to a model that has none: its parameters are drawn from `rng`.
 *
 * Nothing outside the folder is opened, whatever its files say or link to.
 *
 * @returns a model owned by the caller: `disposeGpt2` frees it.
 * @throws {Gpt2FolderError} `ERR_GPT2_FOLDER` if `config.json` is missing or not JSON;
 *   {ConfigError} `ERR_CONFIG` for a configuration that is not supported, or an option that there is not;
 *   {Gpt2LayoutError} `ERR_GPT2_LAYOUT` listing weights that do not fit it;
 *   {SafetensorsError} `ERR_SAFETENSORS` if the weights are missing, malformed
 *   or of another format, or a name or link leads out of the folder.
 * @example
 * const model = await loadGpt2("models/gpt2", { longTerm: { basisCount: 512 }, rng: createRng(1) });
 */
export async function loadGpt2(folder: string, options: LoadGpt2Options = {}): Promise<Gpt2> {
  check.known("", options, [...added, "rng", "memoryStart"]);
  if (options.memoryStart !== undefined) check.oneOf("memoryStart", options.memoryStart, starts);
  const config = await readGpt2Config(folder, options);
  const files = await openSafetensorsModel(folder);
  try {
    return gpt2From(config, await readParams(config, files, options));
  } finally {
    await files.close();
  }
}

/**
 * The configuration of a GPT-2 in Hugging Face layout, once its weights are known to
 * be those that it asks for: headers are read, no numbers.
 *
 * @throws what `loadGpt2` throws.
 */
export async function inspectGpt2(folder: string): Promise<Gpt2Config> {
  const config = await readGpt2Config(folder, {});
  const files = await openSafetensorsModel(folder);
  try {
    assertWeights(config, files);
    return config;
  } finally {
    await files.close();
  }
}

async function readGpt2Config(folder: string, additions: HuggingFaceAdditions): Promise<Gpt2Config> {
  const path = await containedFile(folder, "config.json");
  if (path === null) {
    throw new Gpt2FolderError(folder, `loadGpt2: ${folder} must hold config.json, got none`);
  }
  return configFromHuggingFace(await readJsonFile(path), additions);
}

async function readParams(
  config: Gpt2Config,
  source: WeightSource,
  { rng, memoryStart }: LoadGpt2Options,
): Promise<Gpt2Params> {
  const stored = [...source.tensors.keys()].some((name) => memoryName.test(name));
  if (memoryLayers(config).length === 0 || stored) return readWeights(config, source);
  if (rng === undefined) {
    throw new ConfigError("rng", "loadGpt2: rng must be given where the files hold no memory");
  }
  const { longTerm: _, compressed: __, ...plain } = config;
  const params = await readWeights(plain, source);
  try {
    const layers = params.layers.map((layer, index) => ({
      ...layer,
      ...initLayerMemory(config, index, rng.split(`layer ${index}`), memoryStart),
    }));
    return { ...params, layers };
  } catch (error) {
    disposeTree(params);
    throw error;
  }
}

/** A weight of a memory. */
const memoryName = /\.(long_term_attention|compressed_memory)\./;
