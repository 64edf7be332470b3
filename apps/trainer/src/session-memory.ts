import { shown, UsageError, withoutFunction } from "@infinite-former/command-line";
import {
  assertSealed,
  decodeSafetensors,
  encodeSealed,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "@infinite-former/safetensors";
import { leaves } from "@infinite-former/tensor";
import { configKind, type LanguageModelConfig } from "./language-model.js";
import { readState } from "./session-state.js";

/** Value of `format` in a memory file's metadata. */
export const memoryFormat = "infinite-former/session-memory";

/** Largest memory file that is read, in bytes. */
export const memoryFileLimit: number = 2 ** 30;

/** 3: the last token is kept beside the state, not in it. */
const memoryVersion = "3";

/** What a memory means something under. */
export interface MemoryOrigin {
  readonly config: LanguageModelConfig;
  /** What tells the vocabulary: its characters in the order of their ids; of words and byte pairs a checksum. */
  readonly characters: string;
  readonly weightsSha256: string;
}

/** What is remembered of one stream. */
export interface SessionMemory {
  readonly state: object;
  /** The last token of the stream, from which a text is written on: in no state yet. None in an empty memory. */
  readonly waiting: Int32Array;
  /** Tokens read so far, that one among them. */
  readonly tokens: number;
}

/** A memory read from a file, with what is said about it; the state is owned by the caller. */
export interface LoadedMemory extends SessionMemory {
  readonly weightsSha256: string;
}

/**
 * All that a model remembers of one stream, short-term and long-term, as a
 * safetensors file: each tensor under its path in the state's tree, and in the
 * metadata what the memory was made with and a SHA-256 of the whole file.
 *
 * @param memory its state is borrowed; must not be disposed before the promise settles.
 */
export async function encodeSessionMemory(
  { state, waiting, tokens }: SessionMemory,
  origin: MemoryOrigin,
): Promise<Uint8Array> {
  const reads = leaves(state).map(async ({ path, tensor }): Promise<[string, SafetensorsTensor]> => {
    return [path, { dtype: "F32", shape: tensor.shape, data: Float32Array.from(await tensor.data()) }];
  });
  return encodeSealed(await Promise.all(reads), {
    format: memoryFormat,
    version: memoryVersion,
    config: JSON.stringify(memoryRelevant(origin.config)),
    characters: origin.characters,
    weightsSha256: origin.weightsSha256,
    tokens: String(tokens),
    waiting: JSON.stringify([...waiting]),
  });
}

/**
 * The inverse of `encodeSessionMemory`. Nothing in the bytes is trusted: a file
 * that was cut short, or has one byte changed, is refused.
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
  const fault = (message: string): UsageError => new UsageError(`Runner.loadMemory: ${name}: ${message}`);
  let file: SafetensorsFile;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    throw new UsageError(
      `Runner.loadMemory: ${name}: is not a memory file: ${withoutFunction((error as Error).message)}`,
      {
        cause: error,
      },
    );
  }
  const { format, version, config, characters, weightsSha256 = "", tokens } = file.metadata;
  if (format !== memoryFormat)
    throw fault(`is not a memory that generate saved (format ${format ?? "none"})`);
  if (version !== memoryVersion) {
    throw fault(`has version ${version ?? "none"}; this release reads ${memoryVersion}: read the text again`);
  }
  const broken = memoryFault(bytes, file.metadata);
  if (broken !== null) throw fault(broken);
  const foreign = foreignKind(config, origin.config);
  if (foreign !== null) throw fault(`belongs to another kind of model: ${foreign}`);
  const differing = differingField(config, memoryRelevant(origin.config));
  if (differing !== null) throw fault(`belongs to another model: ${differing}`);
  if (characters !== origin.characters) throw fault("belongs to a model with another vocabulary");
  const waiting = waitingToken(file.metadata["waiting"], origin.config.vocabularySize);
  if (waiting === null)
    throw fault(`its last token must be an id from 0 to ${origin.config.vocabularySize - 1}`);
  const state = readState(file, origin.config, fault);
  return { state, waiting, tokens: Number(tokens), weightsSha256 };
}

/**
 * What is wrong with a memory file whatever model reads it: bytes that have
 * changed since it was saved, or a count of tokens that is none.
 *
 * @param bytes the whole file.
 * @returns `null` where nothing is.
 */
export function memoryFault(
  bytes: Uint8Array,
  { tokens }: Readonly<Record<string, string | undefined>>,
): string | null {
  try {
    assertSealed(bytes);
  } catch (error) {
    return withoutFunction((error as Error).message);
  }
  if (/^\d+$/.test(tokens ?? "") && Number.isSafeInteger(Number(tokens))) return null;
  const got = tokens === undefined ? "none" : shown(tokens);
  return `its tokens must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, got ${got}`;
}

/** The list of at most one id that a file says; `null` where it is anything else. */
function waitingToken(text: string | undefined, vocabularySize: number): Int32Array | null {
  let ids: unknown;
  try {
    ids = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  const isId = (id: unknown): boolean =>
    Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize;
  return Array.isArray(ids) && ids.length <= 1 && ids.every(isId) ? Int32Array.from(ids) : null;
}

/** The configuration without what changes nothing about a memory. */
function memoryRelevant({ dropout: _, ...config }: LanguageModelConfig): object {
  return config;
}

/** The kinds of two configurations in words where they are not the same, `null` where they are. */
function foreignKind(stored: string | undefined, wanted: LanguageModelConfig): string | null {
  const parsed = parsedConfig(stored);
  if (parsed === null) return null;
  const [before, now] = [configKind(parsed), configKind(wanted)];
  return before === now ? null : `${before}, and this is ${now}`;
}

function parsedConfig(stored: string | undefined): object | null {
  try {
    const parsed: unknown = JSON.parse(stored ?? "null");
    return typeof parsed === "object" ? parsed : null;
  } catch {
    return null;
  }
}

/** The first difference between two configurations in words, by the path of the field; `null` where there is none. */
function differingField(stored: string | undefined, wanted: object): string | null {
  const parsed = parsedConfig(stored);
  return parsed === null ? "its configuration cannot be parsed" : difference(parsed, wanted, "");
}

function difference(before: unknown, now: unknown, path: string): string | null {
  const isBranch = typeof now === "object" && now !== null && !Array.isArray(now);
  if (isBranch && typeof before === "object" && before !== null) {
    const [old, fresh] = [before as Record<string, unknown>, now as Record<string, unknown>];
    for (const field of new Set([...Object.keys(fresh), ...Object.keys(old)])) {
      const found = difference(old[field], fresh[field], path === "" ? field : `${path}.${field}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (JSON.stringify(before) === JSON.stringify(now)) return null;
  const said = (value: unknown): string => (value === undefined ? "none" : shown(value));
  return `${path || "its configuration"} is ${said(before)} in the file and ${said(now)} in the model`;
}
