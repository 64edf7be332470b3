import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { byteCount } from "../dtype.js";
import type { SafetensorsContent } from "../encode-stream.js";
import { planLayout, type SafetensorsSpec } from "../layout.js";
import type { SafetensorsLimits } from "../limits.js";
import { quote, SafetensorsError } from "../safetensors-error.js";
import { isPlainName } from "../shard-index.js";
import { writeSafetensorsStream } from "./write.js";
import { writeWhole } from "./write-whole.js";

/** How a model is cut into files. */
export interface WriteShardedOptions {
  /** `NAME.safetensors`, or `NAME-00001-of-00007.safetensors` and `NAME.safetensors.index.json`. Default `model`. */
  readonly name?: string;
  /** Bytes of tensors in one file; a larger tensor has one for itself. Default 5,000,000,000. */
  readonly shardBytes?: number;
  /** Strings kept under `__metadata__` of every file. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly limits?: SafetensorsLimits;
}

/**
 * Writes a model in files of bounded size, with one tensor at a time in memory:
 * in the order given, as many in each as fit. The index is written last, so a
 * folder with an index is whole; a model that fits into one file has none.
 *
 * @param folder must exist and hold no model of this name yet: one is never mixed with another
 * @param tensors names, dtypes and shapes
 * @param read gives one tensor's numbers, see `encodeSafetensorsStream`
 * @returns the names of the files written
 * @throws {SafetensorsError} `ERR_SAFETENSORS`; files written before a fault stay, without an index.
 * @example
 * await writeShardedSafetensors(folder, tensors, (name) => tensors.get(name), { shardBytes: 2e9 });
 */
export async function writeShardedSafetensors(
  folder: string,
  tensors: Iterable<readonly [string, SafetensorsSpec]>,
  read: (name: string) => SafetensorsContent | Promise<SafetensorsContent>,
  options: WriteShardedOptions = {},
): Promise<string[]> {
  const { name = "model", shardBytes = 5e9, metadata, limits } = options;
  if (!(shardBytes > 0)) {
    throw new SafetensorsError(`writeShardedSafetensors: shardBytes must be above 0, got ${shardBytes}`);
  }
  if (!isPlainName(name) || name.length > 200) {
    throw new SafetensorsError(`writeShardedSafetensors: name must be plain, got ${quote(name)}`);
  }
  const shards = cut(tensors, shardBytes, limits);
  await refuseOlder(folder, name);
  const count = String(shards.length).padStart(5, "0");
  const files = shards.map((_, i) => {
    return shards.length === 1
      ? `${name}.safetensors`
      : `${name}-${String(i + 1).padStart(5, "0")}-of-${count}.safetensors`;
  });
  for (const [i, { specs }] of shards.entries()) {
    await writeSafetensorsStream(join(folder, files[i]!), specs, read, metadata, limits);
  }
  if (shards.length === 1) return files;
  const index = `${name}.safetensors.index.json`;
  const bytes = new TextEncoder().encode(indexText(shards, files));
  await writeWhole(join(folder, index), bytes.length, [bytes]);
  return [...files, index];
}

interface Shard {
  readonly specs: (readonly [string, SafetensorsSpec])[];
  bytes: number;
}

function cut(
  tensors: Iterable<readonly [string, SafetensorsSpec]>,
  shardBytes: number,
  limits: SafetensorsLimits | undefined,
): readonly Shard[] {
  const all = [...tensors];
  planLayout(all, undefined, { ...limits, tensors: all.length, headerBytes: Number.POSITIVE_INFINITY }); // checks all
  const first: Shard = { specs: [], bytes: 0 };
  const shards = [first];
  for (const [name, spec] of all) {
    const bytes = byteCount(spec.dtype, spec.shape) as number;
    const last = shards.at(-1) as Shard;
    const fits = last.specs.length === 0 || last.bytes + bytes <= shardBytes;
    const shard = fits ? last : { specs: [], bytes: 0 };
    if (!fits) shards.push(shard);
    shard.specs.push([name, spec]);
    shard.bytes += bytes;
  }
  return shards;
}

async function refuseOlder(folder: string, name: string): Promise<void> {
  const older = (await readdir(folder)).find((file) => {
    const rest = file.startsWith(name) ? file.slice(name.length) : "";
    return /^(-\d{5,}-of-\d{5,})?\.safetensors$|^\.safetensors\.index\.json$/.test(rest);
  });
  if (older === undefined) return;
  throw new SafetensorsError(
    `writeShardedSafetensors: ${folder} must hold no model of this name yet, got ${quote(older)}`,
  );
}

function indexText(shards: readonly Shard[], files: readonly string[]): string {
  // Written member by member: an object would move names like "1" to the front.
  const members = shards.flatMap(({ specs }, i) => {
    return specs.map(([name]) => `    ${JSON.stringify(name)}: ${JSON.stringify(files[i])}`);
  });
  const total = shards.reduce((sum, { bytes }) => sum + bytes, 0);
  return `{\n  "metadata": {\n    "total_size": ${total}\n  },\n  "weight_map": {\n${members.join(",\n")}\n  }\n}\n`;
}
