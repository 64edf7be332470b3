import { readdir } from "node:fs/promises";
import type { OpenSafetensors } from "@infinite-former/safetensors/node";
import { openSafetensors } from "@infinite-former/safetensors/node";
import { Gpt2FolderError } from "../errors.js";
import type { WeightSource } from "../weights.js";
import { containedFile } from "./contained-file.js";
import { readJsonFile } from "./json-file.js";

const whole = "model.safetensors";
const index = "model.safetensors.index.json";
/** A model of so many files is no model. */
const mostShards = 4096;

/** Weights on disk, read one at a time; the caller closes it. */
export interface WeightFiles extends WeightSource {
  close(): Promise<void>;
}

/**
 * Opens the weights of a model folder: `model.safetensors`, or the shards
 * that `model.safetensors.index.json` names. Headers are checked, data stays
 * on disk. Pickled weights (`pytorch_model.bin`) are refused: reading them can run code.
 *
 * @throws {Gpt2FolderError} `ERR_GPT2_FOLDER` if there are no weights, or the
 *   index names a file outside the folder or disagrees with its shards.
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if a file departs from the format.
 */
export async function openWeights(folder: string): Promise<WeightFiles> {
  const single = await containedFile(folder, whole);
  if (single !== null) {
    const file = await openSafetensors(single);
    return { tensors: file.tensors, read: (name) => file.read(name), close: () => file.close() };
  }
  const indexPath = await containedFile(folder, index);
  if (indexPath === null) throw await noWeights(folder);
  return openShards(folder, indexPath);
}

async function openShards(folder: string, indexPath: string): Promise<WeightFiles> {
  const byName = weightMap(await readJsonFile(indexPath), indexPath);
  const files = new Map<string, OpenSafetensors>();
  const close = async (): Promise<void> => {
    await Promise.all([...files.values()].map((file) => file.close()));
  };
  try {
    for (const shard of new Set(byName.values())) {
      const path = await containedFile(folder, shard);
      if (path === null) throw wrong(indexPath, `name files that are there, got ${JSON.stringify(shard)}`);
      files.set(shard, await openSafetensors(path));
    }
    const tensors = new Map(
      [...files].flatMap(([shard, file]) => namedTensors(file, shard, byName, indexPath)),
    );
    for (const [name, shard] of byName) {
      if (!tensors.has(name)) throw wrong(indexPath, `name weights that are there, got ${name} in ${shard}`);
    }
    return {
      tensors,
      read: (name) => (files.get(byName.get(name) as string) as OpenSafetensors).read(name),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The tensors of one shard, each of which the index must place in it. */
function namedTensors(
  file: OpenSafetensors,
  shard: string,
  byName: ReadonlyMap<string, string>,
  indexPath: string,
): (typeof file.tensors extends ReadonlyMap<string, infer Info> ? [string, Info] : never)[] {
  for (const name of file.tensors.keys()) {
    if (byName.get(name) !== shard)
      throw wrong(indexPath, `name every weight of ${shard}, got none for ${name}`);
  }
  return [...file.tensors];
}

/** File by weight. */
function weightMap(json: unknown, path: string): Map<string, string> {
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw wrong(path, "have a weight_map object, got none");
  const entries = Object.entries(map);
  const odd = entries.find(([, file]) => typeof file !== "string" || !file.endsWith(".safetensors"));
  if (odd !== undefined) throw wrong(path, `name .safetensors files, got ${JSON.stringify(odd[1])}`);
  const shards = new Set(entries.map(([, file]) => file)).size;
  if (shards > mostShards) throw wrong(path, `name at most ${mostShards} files, got ${shards}`);
  return new Map(entries as [string, string][]);
}

async function noWeights(folder: string): Promise<Gpt2FolderError> {
  const other = (await readdir(folder)).find((name) => /\.(bin|pt|pth|ckpt|pkl|h5|msgpack|onnx)$/.test(name));
  const hint =
    other === undefined
      ? ""
      : `; ${other} is not read, since such files can run code: convert it with transformers, \`model.save_pretrained(FOLDER, safe_serialization=True)\``;
  return new Gpt2FolderError(
    folder,
    `loadGpt2: ${folder} must hold ${whole} or ${index}, got neither${hint}`,
  );
}

function wrong(path: string, must: string): Gpt2FolderError {
  return new Gpt2FolderError(path, `loadGpt2: ${path} must ${must}`);
}
