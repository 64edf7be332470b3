import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { resolveLimits, type SafetensorsLimits } from "../limits.js";
import { type OpenShards, openSafetensorsShards } from "../open-shards.js";
import { quote, SafetensorsError } from "../safetensors-error.js";
import { tooLarge } from "../shard-index.js";
import { containedFile } from "./contained-file.js";
import { type FileSource, fileSource } from "./file-source.js";
import { openSafetensors } from "./open.js";

/** A model on disk, in one file or several; the caller closes it. */
export interface OpenModel extends OpenShards {
  /** Closes every file. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Opens the weights of a model folder: `NAME.safetensors`, or the files that
 * `NAME.safetensors.index.json` names. Headers are checked, data stays on disk.
 * Nothing outside the folder is opened, whatever files say or link to; pickled
 * weights are never read.
 *
 * @param name `model` by default
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if there are no weights (with what
 *   to do where they are of another format), or a file or the index departs
 *   from the format; the system's own error if the folder cannot be read.
 */
export async function openSafetensorsModel(
  folder: string,
  name = "model",
  limits?: SafetensorsLimits,
): Promise<OpenModel> {
  const single = await containedFile(folder, `${name}.safetensors`);
  if (single === null) {
    const index = `${name}.safetensors.index.json`;
    if ((await containedFile(folder, index)) === null) throw await noWeights(folder, name);
    return openShardedSafetensors(join(folder, index), limits);
  }
  const file = await openSafetensors(single, limits);
  const places = [...file.tensors].map(([tensor, info]) => {
    return [tensor, { ...info, file: `${name}.safetensors` }] as const;
  });
  return { tensors: new Map(places), read: file.read, close: file.close };
}

/**
 * Opens a model in several files by its index, see {@link openSafetensorsShards}.
 *
 * @param path of `NAME.safetensors.index.json`; the files lie beside it
 * @throws {SafetensorsError} `ERR_SAFETENSORS` as `openSafetensorsShards` does,
 *   and if a file is missing or a link leads elsewhere; the system's own error
 *   if the index cannot be read.
 */
export async function openShardedSafetensors(path: string, limits?: SafetensorsLimits): Promise<OpenModel> {
  const { size } = await stat(path);
  const { indexBytes } = resolveLimits(limits);
  if (size > indexBytes) throw tooLarge(size, indexBytes);
  const folder = dirname(path);
  const sources: FileSource[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.close()));
  };
  try {
    const model = await openSafetensorsShards(
      await readFile(path),
      async (file) => {
        const found = await containedFile(folder, file);
        if (found === null) {
          throw new SafetensorsError(
            `safetensors: index must name files that are there, got ${quote(file)} in ${path}`,
          );
        }
        const source = await fileSource(found);
        sources.push(source);
        return source;
      },
      limits,
    );
    return { ...model, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function noWeights(folder: string, name: string): Promise<SafetensorsError> {
  const other = (await readdir(folder)).find((file) =>
    /\.(bin|pt|pth|ckpt|pkl|h5|msgpack|onnx|gguf)$/.test(file),
  );
  const hint =
    other === undefined
      ? ""
      : `; ${other} is not read, since such files can run code: convert it with transformers, \`model.save_pretrained(FOLDER, safe_serialization=True)\``;
  return new SafetensorsError(
    `safetensors: ${folder} must hold ${name}.safetensors or ${name}.safetensors.index.json, got neither${hint}`,
  );
}
