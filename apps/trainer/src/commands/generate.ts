import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
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
import { type CharacterVocabulary, decode, encode } from "@infinite-former/datasets";
import { createRng, type Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  checkSampling,
  createGenerator,
  type Generator,
  initialState,
  type TransformerModel,
  type TransformerState,
} from "@infinite-former/transformer";
import { readText, unknownWarning } from "../corpus.js";
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

/** `infinite-former generate DIR`: reads documents and prompt into the memory, then writes on, character by character. */
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
    const documents = [];
    for (const name of options.read) documents.push((await readText(resolve(io.cwd, name), "--read")).text);
    const backend = await takeBackend(io, options.backend);
    const trained = await loadTrainedModel(path, (line) => notice(io, line));
    const generator = createGenerator<TransformerState, TransformerModel>(trained.model, backend);
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
  readonly generator: Generator<TransformerModel, TransformerState>;
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
  const ids = promptIds(io, vocabulary, documents, options.prompt);
  const start = await startingMemory(io, trained, options.memory);
  let state: TransformerState | null = start.state;
  try {
    const seen = await readDocuments(io, trained, start.state, { ids: ids.subarray(0, -1), rng, signal });
    state = seen;
    if (signal.aborted) return stopCode(signal);
    const text = generator.generate({
      prompt: ids.subarray(-1),
      state: seen,
      maxTokens: options.maxTokens,
      temperature: options.temperature,
      topK: options.topK,
      topP: options.topP,
      rng,
      signal,
      keepState: options.saveMemory !== undefined,
    });
    let written = 0;
    for (;;) {
      const next = await text.next();
      if (next.done === true) {
        if (written > 0) io.stdout.write("\n");
        if (next.value !== null)
          await saveMemory(io, trained, next.value, start.tokens + ids.length + written, options);
        break;
      }
      io.stdout.write(decode(vocabulary, [next.value]));
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

/** What is read before writing begins: all documents, then the prompt; a line end where there is neither. */
function promptIds(
  io: Io,
  vocabulary: CharacterVocabulary,
  documents: readonly string[],
  prompt: string,
): Int32Array {
  const { ids, unknown } = encode(vocabulary, documents.join("") + prompt);
  const warning = unknownWarning(documents.length === 0 ? "--prompt" : "--read and --prompt", unknown);
  if (warning !== null) notice(io, warning);
  return ids.length > 0 ? ids : encode(vocabulary, "\n").ids;
}

async function startingMemory(
  io: Io,
  { model, vocabulary, weightsSha256 }: TrainedModel,
  file: string | undefined,
): Promise<{ state: TransformerState; tokens: number }> {
  if (file === undefined) return { state: initialState(model.config, 1), tokens: 0 };
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
    characters: vocabulary.characters.join(""),
  });
  if (memory.weightsSha256 !== weightsSha256) {
    notice(io, `--memory ${path}: was made with other weights of this model; it may mean less to these`);
  }
  return memory;
}

/** Reads ids into a memory a piece at a time; takes `state` over and returns the next one. */
async function readDocuments(
  io: Io,
  { model, generator }: Writer,
  state: TransformerState,
  { ids, rng, signal }: { readonly ids: Int32Array; readonly rng: Rng; readonly signal: AbortSignal },
): Promise<TransformerState> {
  const piece = model.config.segmentLength * 8;
  const progress =
    ids.length > 4 * piece
      ? startProgress(io, { label: "read", unit: "characters", total: ids.length })
      : null;
  let now = state;
  for (let start = 0; start < ids.length && !signal.aborted; start += piece) {
    const output = generator.read(now, [ids.subarray(start, start + piece)], { rng });
    output.logits.dispose();
    disposeTree(now);
    now = output.state;
    progress?.update(Math.min(ids.length, start + piece));
    await breathe();
  }
  progress?.stop();
  return now;
}

async function saveMemory(
  io: Io,
  { model, vocabulary, weightsSha256 }: TrainedModel,
  state: TransformerState,
  tokens: number,
  { saveMemory: file }: GenerateCommandOptions,
): Promise<void> {
  try {
    const path = resolve(io.cwd, file as string);
    const bytes = await encodeSessionMemory(state, {
      config: model.config,
      characters: vocabulary.characters.join(""),
      weightsSha256,
      tokens,
    });
    await writeFileAtomically(path, bytes);
    notice(io, `memory of ${tokens} characters saved to ${path} (${bytes.length} bytes)`);
  } finally {
    disposeTree(state);
  }
}
