import { randomInt } from "node:crypto";
import { access, constants, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  breathe,
  type CommandCall,
  type CommonOptions,
  type Io,
  listenForStops,
  notice,
  startProgress,
  stopCode,
  systemReason,
  takeBackend,
  UsageError,
  writeFileAtomically,
} from "@infinite-former/command-line";
import { encode, textStream } from "@infinite-former/datasets";
import { createRng, type Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { checkSampling, createGenerator, type Generator } from "@infinite-former/transformer";
import { tokenName, unknownWarning, vocabularyId } from "../corpus/run-vocabulary.js";
import type { TrainerModel } from "../models/trainer-model.js";
import { readInto } from "../read-into.js";
import { decodeSessionMemory, encodeSessionMemory } from "../session-memory.js";
import { loadTrainedModel, type TrainedModel } from "../trained-model.js";

/** Options of `infinite-former generate`. */
export interface GenerateCommandOptions extends CommonOptions {
  readonly prompt: string;
  readonly read: readonly string[];
  readonly memory?: string;
  readonly saveMemory?: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed?: number;
}

/** Largest memory file that is read, in bytes. */
const memoryFileLimit = 2 ** 30;

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
    throw new UsageError((error as Error).message.replace(/^sampling: /, ""));
  }
  const stops = listenForStops(() => undefined);
  try {
    const path = resolve(io.cwd, directory);
    const documents = options.read.map((name) => resolve(io.cwd, name));
    for (const document of documents) await checkReadable(document);
    const backend = await takeBackend(io, options.backend);
    const trained = await loadTrainedModel(path, (line) => notice(io, line));
    const generator = createGenerator<object, TrainerModel>(trained.model, backend);
    try {
      return await write(io, { ...trained, generator }, documents, options, stops.signal);
    } finally {
      generator.dispose();
      trained.dispose();
    }
  } finally {
    stops.dispose();
  }
}

/** A trained model, and what writes with it. */
interface Writer extends TrainedModel {
  readonly generator: Generator<TrainerModel, object>;
}

async function write(
  io: Io,
  trained: Writer,
  documents: readonly string[],
  options: GenerateCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  const { generator, vocabulary } = trained;
  const seed = options.seed ?? randomInt(2 ** 31);
  if (options.seed === undefined && usesChance(trained, options)) notice(io, `seed ${seed}`);
  const rng = createRng(seed);
  const start = await startingMemory(io, trained, options.memory);
  let state: object | null = null;
  try {
    const read = await readDocuments(io, trained, start.state, {
      documents,
      prompt: options.prompt,
      rng,
      signal,
    });
    state = read.state;
    if (signal.aborted) return stopCode(signal);
    const text = generator.generate({
      prompt: read.last,
      state: read.state,
      maxTokens: options.maxTokens,
      temperature: options.temperature,
      topK: options.topK,
      topP: options.topP,
      rng,
      signal,
      keepState: options.saveMemory !== undefined,
    });
    const stream = textStream(vocabulary);
    let written = 0;
    for (;;) {
      const next = await text.next();
      if (next.done === true) {
        if (written > 0) io.stdout.write(`${stream.end()}\n`);
        if (next.value !== null)
          await saveMemory(io, trained, next.value, start.tokens + read.tokens + written, options);
        break;
      }
      io.stdout.write(stream.push(next.value));
      written += 1;
      await breathe();
    }
    return signal.aborted ? stopCode(signal) : 0;
  } finally {
    if (state !== null) disposeTree(state);
  }
}

/** Whether reading or writing draws random numbers, so that the seed is worth telling. */
function usesChance({ run }: TrainedModel, { temperature }: GenerateCommandOptions): boolean {
  return temperature > 0 || (run.model.kind === "infinite-former" && run.model.sampling === "sticky");
}

async function startingMemory(
  io: Io,
  { model, vocabulary, weightsSha256 }: TrainedModel,
  file: string | undefined,
): Promise<{ state: object; tokens: number }> {
  if (file === undefined) return { state: model.functions.initialState(model, 1), tokens: 0 };
  const path = resolve(io.cwd, file);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new UsageError(`--memory ${path}: ${systemReason(error)}`);
  }
  if (bytes.length > memoryFileLimit)
    throw new UsageError(`--memory ${path}: is larger than ${memoryFileLimit} bytes`);
  const memory = decodeSessionMemory(bytes, path, {
    config: model.config,
    characters: await vocabularyId(vocabulary),
  });
  if (memory.weightsSha256 !== weightsSha256) {
    notice(io, `--memory ${path}: was made with other weights of this model; it may mean less to these`);
  }
  return memory;
}

/** @throws {UsageError} `ERR_USAGE` where a document cannot be read, before anything is computed. */
async function checkReadable(path: string): Promise<void> {
  try {
    const { size } = await stat(path);
    if (size === 0) throw new UsageError(`--read: ${path} holds no text`);
    await access(path, constants.R_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--read: ${path} must be a readable text file: ${systemReason(error)}`);
  }
}

/**
 * Reads documents and prompt into a memory; takes `state` over.
 *
 * @returns the next state, and the last token, which is not in it yet.
 */
async function readDocuments(
  io: Io,
  { generator, model, vocabulary }: Writer,
  state: object,
  {
    documents,
    prompt,
    rng,
    signal,
  }: {
    readonly documents: readonly string[];
    readonly prompt: string;
    readonly rng: Rng;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly state: object; readonly last: Int32Array; readonly tokens: number }> {
  const total = (await Promise.all(documents.map((path) => stat(path)))).reduce(
    (sum, { size }) => sum + size,
    0,
  );
  const progress = total > 4096 ? startProgress(io, { label: "read", unit: "bytes", total }) : null;
  try {
    const prompted = encode(vocabulary, prompt);
    const onProgress = (bytes: number): void => progress?.update(bytes);
    const read = await readInto(
      generator,
      vocabulary,
      state,
      { documents, prompt: prompted, rng, signal, onProgress },
      model,
    );
    const warning = unknownWarning(
      documents.length === 0 ? "--prompt" : "--read and --prompt",
      read.unknown,
      vocabulary,
    );
    progress?.stop();
    if (warning !== null) notice(io, warning);
    return read;
  } finally {
    progress?.stop();
  }
}

async function saveMemory(
  io: Io,
  { model, vocabulary, weightsSha256 }: TrainedModel,
  state: object,
  tokens: number,
  { saveMemory: file }: GenerateCommandOptions,
): Promise<void> {
  try {
    const path = resolve(io.cwd, file as string);
    const bytes = await encodeSessionMemory(state, {
      config: model.config,
      characters: await vocabularyId(vocabulary),
      weightsSha256,
      tokens,
    });
    await writeFileAtomically(path, bytes);
    notice(io, `memory of ${tokens} ${tokenName(vocabulary)}s saved to ${path} (${bytes.length} bytes)`);
  } finally {
    disposeTree(state);
  }
}
