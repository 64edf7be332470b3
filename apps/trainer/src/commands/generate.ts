import { randomInt } from "node:crypto";
import { access, constants, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type CommandCall,
  type CommonOptions,
  errorCode,
  type Io,
  listenForStops,
  notice,
  readAtMost,
  startProgress,
  stopCode,
  systemReason,
  takeBackend,
  UsageError,
  withoutFunction,
  writeFileAtomically,
} from "@infinite-former/command-line";
import { checkSampling, type SamplingOptions } from "@infinite-former/transformer";
import { named } from "../corpus/corpus.js";
import { unknownText } from "../corpus/run-vocabulary.js";
import { checkMemoryTarget } from "../memory-target.js";
import { isSticky, modelName, modelTitle } from "../models/model-name.js";
import { Runner } from "../runner.js";
import type { RunnerGenerateOptions, RunnerWriteOptions } from "../runner-options.js";
import { memoryFileLimit } from "../session-memory.js";

/** Options of `infinite-former generate`. */
export interface GenerateCommandOptions extends CommonOptions, Required<SamplingOptions> {
  readonly prompt: string;
  readonly read: readonly string[];
  readonly memory?: string;
  readonly saveMemory?: string;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly samples: number;
  readonly seed?: number;
}

/** `infinite-former generate DIR`: reads documents of any length and the prompt into the memory, then writes on, token by token. */
export async function generateCommand(
  call: CommandCall,
  directory: string,
  options: GenerateCommandOptions,
): Promise<number> {
  const { io } = call;
  try {
    checkSampling(options);
  } catch (error) {
    throw new UsageError(
      (error as Error).message.replace(/^sampling: (\w+)/, (_, name: string) => `${flagOf(name)}:`),
    );
  }
  if (options.stop.includes("")) throw new UsageError("--stop: must not be empty");
  if (options.samples > 1 && options.saveMemory !== undefined)
    throw new UsageError("--save-memory: keeps the memory of one text; leave it out, or leave out --samples");
  const stops = listenForStops(() => undefined);
  try {
    const path = resolve(io.cwd, directory);
    if (options.saveMemory !== undefined) await checkMemoryTarget(resolve(io.cwd, options.saveMemory));
    const documents = options.read.map((name) => resolve(io.cwd, name));
    for (const document of documents) await checkReadable(document);
    const { compile } = await takeBackend(io, options.backend);
    const seed = options.seed ?? randomInt(2 ** 31);
    const runner = await Runner.open(path, { compile, seed, onNotice: (line) => notice(io, line) });
    try {
      if (options.seed === undefined && usesChance(runner, options)) notice(io, `seed ${seed}`);
      return await write(io, runner, { ...options, seed }, documents, stops.signal);
    } finally {
      runner.dispose();
    }
  } finally {
    stops.dispose();
  }
}

async function write(
  io: Io,
  runner: Runner,
  options: GenerateCommandOptions & { readonly seed: number },
  documents: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  if (options.memory !== undefined) await takeMemory(io, runner, options.memory);
  if (documents.length > 0) noticeWithoutMemory(io, runner);
  await readDocuments(io, runner, documents, signal);
  if (signal.aborted) return stopCode(signal);
  const { prompt, maxTokens, stop, seed, temperature, topK, topP, minP, repetitionPenalty } = options;
  const sampling = { temperature, topK, topP, minP, repetitionPenalty };
  const how = { maxTokens, stop, seed, signal, ...sampling };
  if (options.samples > 1) await writeSamples(io, runner, prompt, options.samples, how);
  else await writeOne(io, runner, { ...how, prompt });
  const warning = unknownText(
    documents.length === 0 ? "--prompt" : "--read and --prompt",
    runner.unknown,
    runner.token,
  );
  if (warning !== null) notice(io, warning);
  if (options.saveMemory !== undefined) await saveMemory(io, runner, options.saveMemory);
  return signal.aborted ? stopCode(signal) : 0;
}

/** One text, as it comes. */
async function writeOne(io: Io, runner: Runner, how: RunnerGenerateOptions): Promise<void> {
  let written = false;
  for await (const text of runner.generate(how)) {
    io.stdout.write(text);
    written = true;
  }
  if (written) io.stdout.write("\n");
}

/** Several texts at once, told when all are there. */
async function writeSamples(
  io: Io,
  runner: Runner,
  prompt: string,
  count: number,
  how: RunnerWriteOptions,
): Promise<void> {
  await runner.read(prompt, how.signal ? { signal: how.signal } : {});
  const texts = Array.from({ length: count }, () => "");
  const progress = startProgress(io, { label: "write", unit: "tokens", total: how.maxTokens });
  let tokens = 0;
  try {
    for await (const told of runner.generateBatch({ ...how, prompts: texts.map(() => "") })) {
      told.forEach((text, row) => {
        texts[row] += text;
      });
      progress.update(Math.min(++tokens, how.maxTokens));
    }
  } finally {
    progress.stop();
  }
  for (const [index, text] of texts.entries()) io.stdout.write(`== ${index + 1} of ${count}\n${text}\n`);
}

/** `--top-k` of `topK`. */
function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Whether reading or writing draws random numbers, so that the seed is worth telling. */
function usesChance({ config: { model } }: Runner, { temperature }: GenerateCommandOptions): boolean {
  return temperature > 0 || isSticky(model);
}

/** A document that no part of the text can depend on is worth a word. */
function noticeWithoutMemory(io: Io, { config: { model }, token }: Runner): void {
  if (modelName(model) !== "gpt2") return;
  const block = `the block of ${model.segmentLength} ${token}s that it is writing in`;
  notice(io, `${modelTitle(model)} has no memory: of what --read gives it, it sees no more than ${block}`);
}

async function takeMemory(io: Io, runner: Runner, file: string): Promise<void> {
  const path = resolve(io.cwd, file);
  let bytes: Uint8Array | null;
  try {
    bytes = await readAtMost(path, memoryFileLimit);
  } catch (error) {
    throw new UsageError(`--memory ${path}: ${systemReason(error)}`);
  }
  if (bytes === null) throw new UsageError(`--memory ${path}: must have at most ${memoryFileLimit} bytes`);
  const { sameWeights } = await runner.loadMemory(bytes, path).catch((error: unknown) => {
    if (errorCode(error) !== "ERR_USAGE") throw error;
    throw new UsageError(`--memory ${withoutFunction((error as Error).message)}`, { cause: error });
  });
  if (!sameWeights) {
    notice(io, `--memory ${path}: was made with other weights of this model; it may mean less to these`);
  }
}

/** @throws {UsageError} `ERR_USAGE` where a document cannot be read, before anything is computed. */
async function checkReadable(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`--read: ${path} must be a text file, got a directory`);
    if (!found.isFile() && !found.isFIFO())
      throw new UsageError(`--read: ${path} must be a text file or a pipe, got a device`);
    if (found.isFile() && found.size === 0) throw new UsageError(`--read: ${path} holds no text`);
    await access(path, constants.R_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--read: ${path} must be a readable text file: ${systemReason(error)}`);
  }
}

async function readDocuments(
  io: Io,
  runner: Runner,
  documents: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all(documents.map((path) => stat(path)));
  const total = found.reduce((sum, { size }) => sum + size, 0);
  const known = total > 4096 && found.every((one) => one.isFile());
  const progress = known ? startProgress(io, { label: "read", unit: "bytes", total }) : null;
  let before = 0;
  try {
    for (const [index, path] of documents.entries()) {
      let read = 0;
      const onProgress = (bytes: number): void => {
        read = bytes;
        progress?.update(before + bytes);
      };
      await named("--read", () => runner.readFile(path, { signal, onProgress }));
      if (read === 0 && !signal.aborted) throw new UsageError(`--read: ${path} holds no text`);
      before += (found[index] as (typeof found)[number]).size;
    }
  } finally {
    progress?.stop();
  }
}

async function saveMemory(io: Io, runner: Runner, file: string): Promise<void> {
  const path = resolve(io.cwd, file);
  const bytes = await runner.saveMemory();
  await writeFileAtomically(path, bytes);
  notice(io, `memory of ${runner.tokens} ${runner.token}s saved to ${path} (${bytes.length} bytes)`);
}
