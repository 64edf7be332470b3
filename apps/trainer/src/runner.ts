import { breathe } from "@infinite-former/command-line";
import { textStream, untilStop, type Vocabulary } from "@infinite-former/datasets";
import { textPieces } from "@infinite-former/datasets/node";
import { createRng, type Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  type Compile,
  checkSampling,
  createGenerator,
  type Generator,
  RequestError,
  type SamplingOptions,
} from "@infinite-former/transformer";
import { cutFor, tokenName, vocabularyId } from "./corpus/run-vocabulary.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { type ReadMemory, readInto, settle } from "./read-into.js";
import { RunnerError } from "./runner-error.js";
import { firstToken } from "./sample.js";
import { decodeSessionMemory, encodeSessionMemory } from "./session-memory.js";
import { loadTrainedModel, type TrainedModel } from "./trained-model.js";

/** How a runner is opened. */
export interface RunnerOptions {
  /** Makes the functions fast that every token runs: `compile` of `@infinite-former/tensorflow`, where that is the backend. */
  readonly compile?: Compile;
  /** Seeds the draws of sticky memories while it reads; 0 by default. */
  readonly seed?: number;
  /** Is told which damaged checkpoints were passed over. */
  readonly onNotice?: (line: string) => void;
}

/** How a text is written. */
export interface RunnerGenerateOptions extends SamplingOptions {
  /** Read first; the text goes on from it. */
  readonly prompt?: string;
  /** Tokens to write, at most. */
  readonly maxTokens: number;
  /** Strings before which the text ends; they are in the memory then, and not in the text. */
  readonly stop?: readonly string[];
  /** Equal seeds write equal texts; 0 by default. */
  readonly seed?: number;
  /** Ends the text between two tokens. */
  readonly signal?: AbortSignal;
}

/** How a document is read. */
export interface RunnerReadOptions {
  readonly signal?: AbortSignal;
  /** Is told the bytes of the file that have been read. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * A trained model with a memory that goes on: it reads documents of any length
 * in constant memory, writes from what it remembers, and can be put down as
 * bytes and taken up in another process.
 *
 * A TensorFlow.js backend must be active. Owns its tensors until it is
 * disposed. One call at a time: a second one before the first has ended throws
 * a `RunnerError`, as does any call after that.
 *
 * @example
 * const runner = await Runner.open("runs/moby-dick");
 * await runner.readFile("library.txt");
 * for await (const text of runner.generate({ prompt: "The whale ", maxTokens: 100 })) process.stdout.write(text);
 * await writeFile("memory.safetensors", await runner.saveMemory());
 * runner.dispose();
 */
export class Runner {
  readonly #trained: TrainedModel;
  readonly #generator: Generator<TrainerModel, object>;
  readonly #rng: Rng;
  #memory: ReadMemory | null;
  #busy = false;

  private constructor(trained: TrainedModel, { compile, seed = 0 }: RunnerOptions) {
    this.#trained = trained;
    this.#generator = createGenerator<object, TrainerModel>(
      trained.model,
      compile === undefined ? {} : { compile },
    );
    this.#rng = createRng(seed);
    this.#memory = this.#empty();
  }

  /**
   * Opens the newest whole checkpoint of a run, or one certain checkpoint.
   *
   * @param path a run directory, or a folder `…/checkpoints/step-N` in one.
   * @throws {UsageError} `ERR_USAGE`, {CheckpointError} `ERR_CHECKPOINT` naming what is missing or damaged.
   */
  static async open(path: string, options: RunnerOptions = {}): Promise<Runner> {
    const trained = await loadTrainedModel(path, options.onNotice ?? (() => undefined));
    return new Runner(trained, options);
  }

  /** The run's configuration. */
  get config(): TrainedModel["run"] {
    return this.#trained.run;
  }

  /** What a token of this model is. */
  get token(): ReturnType<typeof tokenName> {
    return tokenName(this.#trained.vocabulary);
  }

  /** Tokens in the memory. */
  get tokens(): number {
    return this.#memory?.tokens ?? 0;
  }

  /** How many of the tokens read the vocabulary lacks. */
  get unknown(): number {
    return this.#memory?.unknown ?? 0;
  }

  /** Reads a text into the memory. */
  async read(text: string, options: Pick<RunnerReadOptions, "signal"> = {}): Promise<void> {
    await this.#alone("read", () => this.#read([{ text, first: false }], options));
  }

  /**
   * Reads a UTF-8 text file of any size into the memory.
   *
   * @throws {DatasetError} `ERR_DATASET` with `file` and `offset` where it is no text; the memory is emptied then.
   */
  async readFile(path: string, { signal, onProgress }: RunnerReadOptions = {}): Promise<void> {
    let bytes = 0;
    const onBytes = (chunk: Uint8Array): void => {
      bytes += chunk.length;
    };
    const pieces = textPieces([path], {
      cut: cutFor(this.#trained.vocabulary),
      chunkBytes: 2 ** 16,
      onBytes,
    });
    const onPiece = (): void => onProgress?.(bytes);
    await this.#alone("readFile", () => this.#read(pieces, { onPiece, ...(signal ? { signal } : {}) }));
  }

  /**
   * Writes on from the memory, piece by piece as whole characters come. The
   * prompt and all that is written stay in the memory; left early, it is as
   * it was before what this call wrote.
   *
   * @throws {RequestError} `ERR_REQUEST` naming the option out of range, before any work.
   */
  async *generate(options: RunnerGenerateOptions): AsyncGenerator<string, void, void> {
    const { prompt = "", stop = [], seed = 0, signal, maxTokens, ...sampling } = options;
    checkSampling(sampling);
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
      throw new RequestError(`Runner.generate: maxTokens must be an integer of at least 0, got ${maxTokens}`);
    }
    const until = untilStop(stop);
    this.#begin("generate");
    try {
      await this.#read([{ text: prompt, first: false }], signal ? { signal } : {});
      if (signal?.aborted) return;
      const memory = await this.#settled(1);
      const rng = createRng(seed);
      const ended = new AbortController();
      const own = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
      const how = { ...sampling, maxTokens, rng, signal: own, keepState: true };
      const text = this.#generator.generate({ ...how, prompt: memory.waiting, state: memory.state });
      const stream = textStream(this.#trained.vocabulary);
      let written = 0;
      try {
        for (;;) {
          const next = await text.next();
          if (next.done === true) {
            if (next.value !== null)
              this.#replace({
                ...memory,
                state: next.value,
                waiting: new Int32Array(),
                tokens: memory.tokens + written,
              });
            break;
          }
          written++;
          const told = until.push(stream.push(next.value));
          if (told !== "") yield told;
          if (until.stopped) ended.abort();
          await breathe();
        }
      } finally {
        await text.return(null);
      }
      const rest = until.stopped ? "" : until.push(stream.end()) + until.end();
      if (rest !== "") yield rest;
    } finally {
      this.#busy = false;
    }
  }

  /** All that is remembered, as the bytes of a memory file. */
  async saveMemory(): Promise<Uint8Array> {
    return this.#alone("saveMemory", async () => {
      const { state, tokens } = await this.#settled(0);
      const { model, vocabulary, weightsSha256 } = this.#trained;
      const characters = await vocabularyId(vocabulary);
      return encodeSessionMemory(state, { config: model.config, characters, weightsSha256, tokens });
    });
  }

  /**
   * Goes on with a saved memory in place of the present one. Nothing in the bytes is trusted.
   *
   * @param name of the file, for messages.
   * @returns whether it was made with these very weights; with others of this model it may mean less.
   * @throws {UsageError} `ERR_USAGE` naming what differs or is damaged; the memory is as before then.
   */
  async loadMemory(bytes: Uint8Array, name = "memory"): Promise<{ readonly sameWeights: boolean }> {
    return this.#alone("loadMemory", async () => {
      const { model, vocabulary, weightsSha256 } = this.#trained;
      const characters = await vocabularyId(vocabulary);
      const loaded = decodeSessionMemory(bytes, name, { config: model.config, characters });
      this.#replace({ state: loaded.state, tokens: loaded.tokens, waiting: new Int32Array(), unknown: 0 });
      return { sameWeights: loaded.weightsSha256 === weightsSha256 };
    });
  }

  /** Empties the memory. */
  forget(): void {
    this.#begin("forget");
    this.#replace(this.#empty());
    this.#busy = false;
  }

  /** Frees everything; no call may be under way. Harmless when called again. */
  dispose(): void {
    if (this.#memory === null) return;
    if (this.#busy) throw new RunnerError("Runner.dispose: a call has not ended yet; end it first");
    disposeTree(this.#memory.state);
    this.#memory = null;
    this.#generator.dispose();
    this.#trained.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #empty(): ReadMemory {
    const { model } = this.#trained;
    const state = model.functions.initialState(model, 1);
    return { state, waiting: new Int32Array(), tokens: 0, unknown: 0 };
  }

  #replace(next: ReadMemory): ReadMemory {
    if (this.#memory !== null && this.#memory.state !== next.state) disposeTree(this.#memory.state);
    this.#memory = next;
    return next;
  }

  /** The memory with all but the last `kept` tokens in its state; a text without a beginning begins with a line end. */
  #settled(kept: 0 | 1): Promise<ReadMemory> {
    const { vocabulary } = this.#trained;
    return this.#change((memory) => {
      const begun =
        kept === 1 && memory.waiting.length === 0
          ? { ...memory, waiting: firstToken(vocabulary), tokens: memory.tokens + 1 }
          : memory;
      return settle(this.#reader, begun, kept, this.#rng);
    });
  }

  get #reader(): { model: TrainerModel; generator: Generator<TrainerModel, object>; vocabulary: Vocabulary } {
    return { model: this.#trained.model, generator: this.#generator, vocabulary: this.#trained.vocabulary };
  }

  async #read(
    pieces: Parameters<typeof readInto>[2],
    options: Omit<Parameters<typeof readInto>[3], "rng">,
  ): Promise<void> {
    await this.#change((memory) => readInto(this.#reader, memory, pieces, { ...options, rng: this.#rng }));
  }

  /** Takes the memory out, and puts what becomes of it in its place; an empty one where that fails. */
  async #change(work: (memory: ReadMemory) => ReadMemory | Promise<ReadMemory>): Promise<ReadMemory> {
    const before = this.#memory as ReadMemory;
    this.#memory = { ...before, state: {} };
    try {
      this.#memory = await work(before);
      return this.#memory;
    } catch (error) {
      this.#memory = this.#empty();
      throw error;
    }
  }

  #begin(what: string): void {
    if (this.#memory === null)
      throw new RunnerError(`Runner.${what}: the runner has been disposed; open another`);
    if (this.#busy)
      throw new RunnerError(
        `Runner.${what}: another call has not ended yet; await it, or open a second runner`,
      );
    this.#busy = true;
  }

  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#begin(what);
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}
