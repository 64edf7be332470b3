import { UsageError } from "@infinite-former/command-line";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "@infinite-former/safetensors";
import { disposeTree, leaves } from "@infinite-former/tensor";
import {
  hasLongTerm,
  recentCapacity,
  type TransformerConfig,
  type TransformerState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

/** Value of `format` in a memory file's metadata. */
export const memoryFormat = "infinite-former/session-memory";

/** What a memory means something under. */
export interface MemoryOrigin {
  readonly config: TransformerConfig;
  /** The vocabulary's characters, in the order of their ids. */
  readonly characters: string;
  readonly weightsSha256: string;
  /** Tokens read into it so far. */
  readonly tokens: number;
}

/** A memory read from a file, with what is said about it. */
export interface LoadedMemory {
  /** Owned by the caller. */
  readonly state: TransformerState;
  readonly tokens: number;
  readonly weightsSha256: string;
}

/**
 * All that a model remembers of one stream, short-term and long-term, as a
 * safetensors file: each tensor under its path in the state's tree, and in the
 * metadata what the memory was made with.
 *
 * @param state borrowed; must not be disposed before the promise settles.
 */
export async function encodeSessionMemory(
  state: TransformerState,
  origin: MemoryOrigin,
): Promise<Uint8Array> {
  const reads = leaves(state).map(async ({ path, tensor }): Promise<[string, SafetensorsTensor]> => {
    return [path, { dtype: "F32", shape: tensor.shape, data: Float32Array.from(await tensor.data()) }];
  });
  return encodeSafetensors(await Promise.all(reads), {
    format: memoryFormat,
    version: "1",
    config: JSON.stringify(memoryRelevant(origin.config)),
    characters: origin.characters,
    weightsSha256: origin.weightsSha256,
    tokens: String(origin.tokens),
  });
}

/**
 * The inverse of `encodeSessionMemory`. Nothing in the bytes is trusted.
 *
 * @param name of the file, for messages.
 * @param origin of the model that will read it: same configuration and vocabulary.
 * @throws {UsageError} `ERR_USAGE` naming what differs or is damaged; no tensors are left behind.
 */
export function decodeSessionMemory(
  bytes: Uint8Array,
  name: string,
  origin: Pick<MemoryOrigin, "config" | "characters">,
): LoadedMemory {
  const fault = (message: string): UsageError => new UsageError(`--memory ${name}: ${message}`);
  let file: SafetensorsFile;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    throw new UsageError(`--memory ${name}: is not a memory file: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { format, version, config, characters, weightsSha256 = "", tokens = "0" } = file.metadata;
  if (format !== memoryFormat)
    throw fault(`is not a memory that generate saved (format ${format ?? "none"})`);
  if (version !== "1") throw fault(`has version ${version ?? "none"}; this release reads 1`);
  const differing = differingField(config, memoryRelevant(origin.config));
  if (differing !== null) throw fault(`belongs to another model: ${differing}`);
  if (characters !== origin.characters) throw fault("belongs to a model with another vocabulary");
  const state = readState(file, origin.config, fault);
  return { state, tokens: Number.isSafeInteger(Number(tokens)) ? Number(tokens) : 0, weightsSha256 };
}

/** The configuration without what changes nothing about a memory. */
function memoryRelevant({ dropout: _, ...config }: TransformerConfig): object {
  return config;
}

function differingField(stored: string | undefined, wanted: object): string | null {
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(stored ?? "null")) as Record<string, unknown>;
  } catch {
    return "its configuration cannot be parsed";
  }
  for (const [field, value] of Object.entries(wanted)) {
    const [before, now] = [JSON.stringify(parsed[field]) ?? "none", JSON.stringify(value)];
    if (before !== now) return `${field} is ${before} in the file and ${now} in the model`;
  }
  return null;
}

function readState(
  file: SafetensorsFile,
  config: TransformerConfig,
  fault: (message: string) => UsageError,
): TransformerState {
  const made: tf.Tensor[] = [];
  const read = (path: string, shape: readonly (number | null)[]): tf.Tensor => {
    const found = file.tensors.get(path);
    if (found === undefined) throw fault(`has no ${path}`);
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, axis) => size === null || size === found.shape[axis]);
    if (found.dtype !== "F32" || !fits) {
      const want = shape.map((size) => size ?? "any").join(", ");
      throw fault(`${path} must be F32 [${want}], got ${found.dtype} [${found.shape.join(", ")}]`);
    }
    const data = Float32Array.from(found.data as Float32Array);
    if (!data.every(Number.isFinite)) throw fault(`${path} holds a number that is not finite`);
    const tensor = tf.tensor(data, [...found.shape]);
    made.push(tensor);
    return tensor;
  };
  const rowsOf = (kind: "recent" | "current", most: number): tf.Tensor3D[] => {
    if (!file.tensors.has(`${kind}.0`)) return [];
    const rows = file.tensors.get(`${kind}.0`)?.shape[1] ?? 0;
    if (rows < 1 || rows > most) throw fault(`${kind}.0 must have 1 to ${most} rows, got ${rows}`);
    return Array.from(
      { length: config.layers },
      (_, layer) => read(`${kind}.${layer}`, [1, rows, config.modelSize]) as tf.Tensor3D,
    );
  };
  try {
    const recent = rowsOf("recent", recentCapacity(config));
    const current = rowsOf("current", config.segmentLength - 1);
    const filled = read("filled", [1]) as tf.Tensor1D;
    const longTerm = !hasLongTerm(config)
      ? []
      : Array.from({ length: config.layers }, (_, layer) => ({
          coefficients: read(`longTerm.${layer}.coefficients`, [
            1,
            config.longTerm.basisCount,
            config.modelSize,
          ]) as tf.Tensor3D,
          segments: read(`longTerm.${layer}.segments`, [1]) as tf.Tensor1D,
        }));
    return { recent, current, filled, longTerm };
  } catch (error) {
    disposeTree(made);
    throw error;
  }
}
