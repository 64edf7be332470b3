import type { SafetensorsTensor } from "./dtype.js";
import type { SafetensorsTensorInfo } from "./header.js";
import type { SafetensorsLimits } from "./limits.js";
import { quote, SafetensorsError } from "./safetensors-error.js";
import { parseShardIndex } from "./shard-index.js";
import { type OpenSafetensors, openSafetensorsSource, type SafetensorsSource } from "./source.js";

/** A tensor's place in one of several files. */
export interface ShardTensorInfo extends SafetensorsTensorInfo {
  /** Name of the file, which `begin` and `end` refer to. */
  readonly file: string;
}

/** A model in several files, of which single tensors can be read. */
export interface OpenShards {
  /** In the order of the index. */
  readonly tensors: ReadonlyMap<string, ShardTensorInfo>;
  /**
   * Reads one tensor; no other byte of the data is touched.
   *
   * @throws {SafetensorsError} `ERR_SAFETENSORS` if there is no tensor of this name.
   */
  read(name: string): Promise<SafetensorsTensor>;
}

/** Names of a kind of fault that are listed. */
const listed = 5;

/**
 * Opens a model in several files: reads and checks the index and the header of
 * every file it names. Every tensor must lie in the file that the index says,
 * and every tensor of the files must be in the index.
 *
 * @param index the bytes of `NAME.safetensors.index.json`
 * @param sourceOf gives a file; only called with plain names, see {@link parseShardIndex}
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if the index or a file departs
 *   from the format, or they disagree; what `sourceOf` throws.
 * @example
 * const model = await openSafetensorsShards(index, (file) => httpSource(new URL(file, base).href));
 */
export async function openSafetensorsShards(
  index: Uint8Array,
  sourceOf: (file: string) => SafetensorsSource | Promise<SafetensorsSource>,
  limits?: SafetensorsLimits,
): Promise<OpenShards> {
  const fileOf = parseShardIndex(index, limits);
  const files = new Map<string, OpenSafetensors>();
  for (const file of new Set(fileOf.values())) {
    files.set(file, await openSafetensorsSource(await sourceOf(file), limits));
    const foreign = [...files.get(file)!.tensors.keys()].filter((name) => fileOf.get(name) !== file);
    if (foreign.length > 0) {
      throw disagreement(`name every tensor of ${quote(file)} there`, "it without", foreign);
    }
  }
  const tensors = new Map<string, ShardTensorInfo>();
  const missing: string[] = [];
  for (const [name, file] of fileOf) {
    const info = files.get(file)!.tensors.get(name);
    if (info === undefined) missing.push(name);
    else tensors.set(name, { ...info, file });
  }
  if (missing.length > 0) {
    const file = quote(fileOf.get(missing[0]!)!);
    throw disagreement(`name tensors that their files have, such as ${file}`, "also", missing);
  }
  return {
    tensors,
    async read(name) {
      const file = tensors.get(name)?.file;
      if (file !== undefined) return files.get(file)!.read(name);
      throw new SafetensorsError(`safetensors: model must have the tensor ${quote(name)}, got none`);
    },
  };
}

function disagreement(must: string, got: string, names: readonly string[]): SafetensorsError {
  const shown = names.slice(0, listed).map(quote).join(", ");
  const more = names.length > listed ? ` and ${names.length - listed} more` : "";
  return new SafetensorsError(`safetensors: index must ${must}, got ${got} ${shown}${more}`);
}
