import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemReason, UsageError, writeFileAtomically } from "@infinite-former/command-line";
import { type BytePairVocabulary, tokenizerFromJson, tokenizerToJson } from "@infinite-former/datasets";
import { z } from "zod";
import type { DialogueConfig } from "../config/dialogue-config.js";
import { resolveModel } from "../config/resolve.js";
import { type ModelName, modelNames } from "../model/names.js";

/** A run's `config.json`. */
export interface RunRecord {
  readonly format: "infinite-former/dialogue-run";
  readonly formatVersion: 1;
  readonly model: ModelName;
  readonly preset: string;
  readonly seed: number;
  /** The folder with the weights that it began with; `null` for new ones. */
  readonly from: string | null;
  /** SHA-256 of that folder's files by name, `null` without one; not in runs of earlier versions. */
  readonly fromSha256?: Readonly<Record<string, string>> | null;
  readonly config: DialogueConfig;
  readonly dataSha256: string;
  /** Of the run's `tokenizer.json`; not in runs of earlier versions. */
  readonly tokenizerSha256?: string;
  readonly parameters: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly command: string;
}

const section = z.record(z.string(), z.unknown());
const schema = z.object({
  format: z.literal("infinite-former/dialogue-run", '"format" must be "infinite-former/dialogue-run"'),
  formatVersion: z.literal(1, "this version reads format version 1"),
  model: z.enum(modelNames),
  preset: z.string(),
  seed: z.int().min(0),
  from: z.string().nullable(),
  fromSha256: z.record(z.string(), z.string()).nullable().optional(),
  config: z.object({ model: section, data: section, training: section, evaluation: section }),
  dataSha256: z.string(),
  tokenizerSha256: z.string().optional(),
  parameters: z.int().min(1),
  versions: z.record(z.string(), z.string()),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  command: z.string(),
});

/** Where a run's record lies. */
export const recordFile = (directory: string): string => join(directory, "config.json");
const tokenizerFile = (directory: string): string => join(directory, "tokenizer.json");

/** Where a run's checkpoints lie. */
export const checkpointsOf = (directory: string): string => join(directory, "checkpoints");

/** Writes what a run is before its first step, tokenizer and record. @returns the record. */
export async function writeRun(
  directory: string,
  known: Omit<RunRecord, "tokenizerSha256">,
  vocabulary: BytePairVocabulary,
): Promise<RunRecord> {
  const tokenizer = JSON.stringify(tokenizerToJson(vocabulary));
  const record: RunRecord = { ...known, tokenizerSha256: sha256(tokenizer) };
  await writeFileAtomically(tokenizerFile(directory), tokenizer);
  await writeFileAtomically(recordFile(directory), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** @throws {UsageError} `ERR_USAGE` where the folder is no run, or its record is damaged. */
export async function readRun(directory: string): Promise<RunRecord> {
  const file = recordFile(directory);
  const checked = schema.safeParse(parsed(file, await readText(file)));
  if (checked.success) {
    const record = checked.data as unknown as RunRecord;
    resolveModel(record.config, record.config.model.vocabularySize);
    return record;
  }
  const [issue] = checked.error.issues;
  const path = issue?.path.join(".") || "document";
  throw new UsageError(`${file}: is no run of dialogue: ${path}: ${issue?.message ?? "wrong"}`);
}

/**
 * The tokenizer of a run.
 *
 * @throws {UsageError} `ERR_USAGE` where it is missing or is not the one that the run began with;
 *   {DatasetError} `ERR_DATASET` where it is damaged.
 */
export async function readRunTokenizer(
  directory: string,
  { tokenizerSha256 }: Pick<RunRecord, "tokenizerSha256">,
): Promise<BytePairVocabulary> {
  const file = tokenizerFile(directory);
  const text = await readText(file);
  const vocabulary = tokenizerFromJson(parsed(file, text));
  const got = sha256(text);
  if (got === (tokenizerSha256 ?? got)) return vocabulary;
  throw new UsageError(
    `${file}: is not the one that the run began with (SHA-256 ${tokenizerSha256}), got ${got}; put that back, or begin a new run`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: ${systemReason(error)}; is it the folder of a run?`);
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: cannot be parsed: ${(error as Error).message}`);
  }
}
