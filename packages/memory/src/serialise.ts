import {
  assertSealed,
  decodeSafetensors,
  encodeSealed,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "@infinite-former/safetensors";
import * as tf from "@tensorflow/tfjs-core";
import { checkMemory } from "./check-memory.js";
import type { MemoryConfig } from "./config.js";
import type { LongTermMemory } from "./long-term.js";

const format = "infinite-former/memory";
/** 2: the whole file carries a checksum; attention mass of sticky memories. */
const version = "2";

/** Bytes that are not a memory, or one that does not fit. `path` names what differs. */
export class MemoryFormatError extends Error {
  readonly code = "ERR_MEMORY";
  override readonly name = "MemoryFormatError";
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** Sizes a decoded memory must have; what is left out may be anything. */
export interface MemorySize {
  readonly batch?: number;
  readonly modelSize?: number;
}

/**
 * A memory as bytes: a safetensors file of `coefficients`, `segments` and, with
 * sticky sampling, `attended`, with the configuration they mean something under
 * in its metadata and a SHA-256 of the whole file.
 *
 * @param config under which the memory was made: `plan.config`.
 * @param memory borrowed; must not be disposed before the promise settles.
 * @throws {ShapeError} `ERR_SHAPE`, {ConfigError} `ERR_CONFIG` if the memory is not one of this configuration.
 */
export async function toBytes(config: MemoryConfig, memory: LongTermMemory): Promise<Uint8Array> {
  checkMemory("toBytes", "memory", memory, config);
  const { coefficients, segments, attended } = memory;
  const named = { coefficients, segments, ...(attended ? { attended } : {}) };
  const reads = Object.entries(named).map(async ([name, tensor]): Promise<[string, SafetensorsTensor]> => {
    return [name, { dtype: "F32", shape: tensor.shape, data: Float32Array.from(await tensor.data()) }];
  });
  return encodeSealed(await Promise.all(reads), { format, version, config: JSON.stringify(config) });
}

/**
 * The inverse of `toBytes`. Nothing in the bytes is trusted: a file that
 * was cut short, or has one byte changed, is refused.
 *
 * @param bytes a whole file.
 * @param config of the model that will read it; must be the one it was made under.
 * @param size sizes it must have.
 * @returns a memory owned by the caller, equal bit for bit to the one encoded.
 * @throws {MemoryFormatError} `ERR_MEMORY` naming what differs: `bytes` (not a
 *   whole file), `sha256` (altered), or the field or tensor.
 */
export function fromBytes(bytes: Uint8Array, config: MemoryConfig, size: MemorySize = {}): LongTermMemory {
  const file = parse(bytes);
  expectEqual("format", file.metadata["format"], format);
  checkVersion(file.metadata["version"]);
  checkSeal(bytes);
  checkConfig(file.metadata["config"], config);
  const sticky = config.sampling === "sticky";
  const names = ["coefficients", "segments", ...(sticky ? ["attended"] : [])];
  const foreign = [...file.tensors.keys()].find((name) => !names.includes(name));
  if (foreign !== undefined)
    throw new MemoryFormatError(foreign, `fromBytes: ${foreign} must not be in the file`);
  const values = floats(file, "coefficients", [size.batch, config.basisCount, size.modelSize]);
  const [batch, basis, model] = values.shape as [number, number, number];
  const counts = floats(file, "segments", [batch]);
  const masses = sticky ? floats(file, "attended", [batch, config.stickyBins]) : null;
  checkCounts(values.data, counts.data);
  const negative = masses?.data.find((mass) => mass < 0);
  if (negative !== undefined) {
    throw new MemoryFormatError("attended", `fromBytes: attended must be at least 0, got ${negative}`);
  }
  return {
    coefficients: tf.tensor3d(values.data, [batch, basis, model]),
    segments: tf.tensor1d(counts.data),
    ...(masses ? { attended: tf.tensor2d(masses.data, [batch, config.stickyBins]) } : {}),
  };
}

function parse(bytes: Uint8Array): SafetensorsFile {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw new MemoryFormatError("bytes", "fromBytes: bytes must be a safetensors file of a memory", {
      cause,
    });
  }
}

function checkVersion(found: string | undefined): void {
  if (found === version) return;
  const older = found !== undefined && Number(found) < Number(version);
  const hint = older ? "; an earlier release wrote it: read the text again to make a new one" : "";
  const got = JSON.stringify(found) ?? "none";
  throw new MemoryFormatError("version", `fromBytes: version must be "${version}", got ${got}${hint}`);
}

function checkSeal(bytes: Uint8Array): void {
  try {
    assertSealed(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    throw new MemoryFormatError("sha256", `fromBytes: sha256 must be that of the bytes: ${message}`, {
      cause,
    });
  }
}

/** Files without these fields are of the time when all memories were written in Gaussian functions. */
const beforeBases: Record<string, unknown> = { basis: "gaussian", basisPeriod: null };

function checkConfig(text: string | undefined, config: MemoryConfig): void {
  let stored: Record<string, unknown>;
  try {
    stored = Object(JSON.parse(text ?? "null"));
  } catch (cause) {
    throw new MemoryFormatError("config", "fromBytes: config must be JSON", { cause });
  }
  const wanted: Record<string, unknown> = { ...config };
  const found = { ...beforeBases, ...stored };
  for (const field of new Set([...Object.keys(wanted), ...Object.keys(stored)])) {
    expectEqual(`config.${field}`, found[field], wanted[field]);
  }
}

/** A tensor of the file; `undefined` in `shape` is any size. */
function floats(
  file: SafetensorsFile,
  name: string,
  shape: readonly (number | undefined)[],
): { shape: readonly number[]; data: Float32Array } {
  const found = file.tensors.get(name);
  if (!found) throw new MemoryFormatError(name, `fromBytes: ${name} must be in the file, got none`);
  expectEqual(`${name}.dtype`, found.dtype, "F32");
  expectEqual(`${name}.shape.length`, found.shape.length, shape.length);
  shape.forEach((axis, i) => {
    if (axis !== undefined) expectEqual(`${name}.shape[${i}]`, found.shape[i], axis);
  });
  const data = Float32Array.from(found.data as Float32Array);
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new MemoryFormatError(name, `fromBytes: ${name} must be finite, got ${data[at]} at ${at}`);
  }
  return { shape: found.shape, data };
}

function checkCounts(values: Float32Array, counts: Float32Array): void {
  const row = values.length / counts.length;
  counts.forEach((count, i) => {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new MemoryFormatError(
        "segments",
        `fromBytes: segments must be whole numbers, got ${count} at ${i}`,
      );
    }
    if (count === 0 && values.subarray(i * row, (i + 1) * row).some((value) => value !== 0)) {
      throw new MemoryFormatError("coefficients", `fromBytes: coefficients of the empty row ${i} must be 0`);
    }
  });
}

function expectEqual(path: string, got: unknown, want: unknown): void {
  const [found, wanted] = [JSON.stringify(got) ?? "none", JSON.stringify(want) ?? "left out"];
  if (got !== want && found !== wanted)
    throw new MemoryFormatError(path, `fromBytes: ${path} must be ${wanted}, got ${found}`);
}
