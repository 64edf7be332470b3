import { breathe } from "@infinite-former/command-line";
import { encode } from "@infinite-former/datasets";
import { formatOf, textPieces } from "@infinite-former/datasets/node";
import { createRng } from "@infinite-former/random";
import { disposeTree, takeRows } from "@infinite-former/tensor";
import { createGenerator, type GenerateOptions, type Generator } from "@infinite-former/transformer";
import { cutFor, tokenName, vocabularyId } from "./corpus/run-vocabulary.js";
import type { TrainerModel } from "./models/trainer-model.js";
import { ReadingMemory } from "./reading-memory.js";
import { RunnerError } from "./runner-error.js";
import type {
  RunnerBatchOptions,
  RunnerGenerateOptions,
  RunnerOptions,
  RunnerReadOptions,
} from "./runner-options.js";
import {
  checkBytes,
  checkGenerate,
  checkGenerateBatch,
  checkOpening,
  checkReading,
} from "./runner-requests.js";
import { firstToken } from "./sample.js";
import { decodeSessionMemory, encodeSessionMemory } from "./session-memory.js";
import { type TextWriter, textWriter } from "./text-writer.js";
import { loadTrainedModel, type TrainedModel } from "./trained-model.js";

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
  readonly #memory: ReadingMemory;
  #state: "free" | "busy" | "disposed" = "free";

  private constructor(trained: TrainedModel, { compile, seed = 0 }: RunnerOptions) {
    this.#trained = trained;
    this.#generator = createGenerator<object, TrainerModel>(
      trained.model,
      compile === undefined ? {} : { compile },
    );
    const { model, vocabulary } = trained;
    this.#memory = new ReadingMemory({ model, vocabulary, generator: this.#generator }, createRng(seed));
  }

  /**
   * Opens the newest whole checkpoint of a run, or one certain checkpoint.
   *
   * @param path a run directory, or a folder `…/checkpoints/step-N` in one.
   * @throws {RequestError} `ERR_REQUEST` naming the argument out of range; {UsageError} `ERR_USAGE`,
   *   {CheckpointError} `ERR_CHECKPOINT` naming what is missing or damaged.
   */
  static async open(path: string, options: RunnerOptions = {}): Promise<Runner> {
    checkOpening(path, options);
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
    return this.#memory.tokens;
  }

  /** How many of the tokens read the vocabulary lacks. */
  get unknown(): number {
    return this.#memory.unknown;
  }

  /** Reads a text into the memory. @throws {RequestError} `ERR_REQUEST` where it is none. */
  async read(text: string, options: Pick<RunnerReadOptions, "signal"> = {}): Promise<void> {
    checkReading("read", "text", text, options);
    await this.#alone("read", () => this.#memory.read([{ text }], options));
  }

  /**
   * Reads a UTF-8 text file of any size into the memory, or a pipe to its end;
   * of JSONL (`.jsonl`) the documents' texts, one after the other.
   *
   * @throws {DatasetError} `ERR_DATASET` with `file` and `offset` where it is no text; the memory is emptied then.
   */
  async readFile(path: string, options: RunnerReadOptions = {}): Promise<void> {
    checkReading("readFile", "path", path, options);
    const { signal, onProgress } = options;
    let bytes = 0;
    const onBytes = (chunk: Uint8Array): void => {
      bytes += chunk.length;
    };
    const cut = cutFor(this.#trained.vocabulary);
    const format = formatOf(path);
    const parts = textPieces([path], { format, cut, chunkBytes: 2 ** 16, pipes: true, onBytes });
    const onPart = (): void => onProgress?.(bytes);
    await this.#alone("readFile", () => this.#memory.read(parts, { onPart, ...(signal ? { signal } : {}) }));
  }

  /**
   * Writes on from the memory, piece by piece as whole characters come. The
   * prompt and all that is written stay in the memory; left early, it is as
   * it was before what this call wrote.
   *
   * @throws {RequestError} `ERR_REQUEST` naming the option out of range, before any work.
   */
  async *generate(options: RunnerGenerateOptions): AsyncGenerator<string, void, void> {
    checkGenerate(options);
    const { prompt = "", stop = [], seed = 0, signal, ...how } = options;
    this.#begin("generate");
    try {
      await this.#memory.read([{ text: prompt }], signal ? { signal } : {});
      if (signal?.aborted) return;
      const ended = new AbortController();
      const own = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
      const text = textWriter(this.#trained.vocabulary, stop);
      for await (const token of this.#tokens({ ...how, rng: createRng(seed), signal: own })) {
        const told = text.push(token);
        if (told !== "") yield told;
        if (text.stopped) ended.abort();
      }
      const rest = text.end();
      if (rest !== "") yield rest;
    } finally {
      this.#end();
    }
  }

  /**
   * Writes several texts at once, each on from the memory and a prompt of its
   * own. The memory stays as it was before.
   *
   * @returns at each token what every text has become longer by: `""` where
   *   no whole character came, or the text has ended.
   * @throws {RequestError} `ERR_REQUEST` naming the option out of range, before any work.
   */
  async *generateBatch(options: RunnerBatchOptions): AsyncGenerator<readonly string[], void, void> {
    checkGenerateBatch(options);
    const { prompts, stop = [], seed = 0, signal, ...how } = options;
    this.#begin("generateBatch");
    const { vocabulary } = this.#trained;
    const { state, waiting } = this.#memory.held;
    const read = prompts.map((prompt) => [...waiting, ...encode(vocabulary, prompt).ids]);
    const begun = read.map((ids) => (ids.length > 0 ? ids : firstToken(vocabulary)));
    const texts = prompts.map(() => textWriter(vocabulary, stop));
    const rows = prompts.map(() => 0);
    let states: object = {};
    try {
      states = takeRows(state, rows);
      const batch = { ...how, prompts: begun, state: states, rng: createRng(seed) };
      for await (const ids of this.#generator.generateBatch({ ...batch, ...(signal ? { signal } : {}) })) {
        const told = ids.map((id, row) => (id === null ? "" : (texts[row] as TextWriter).push(id)));
        if (told.some((text) => text !== "")) yield told;
        if (texts.every((text) => text.stopped)) break;
        await breathe();
      }
      const rest = texts.map((text) => text.end());
      if (rest.some((text) => text !== "")) yield rest;
    } finally {
      disposeTree(states);
      this.#end();
    }
  }

  /** All that is remembered, as the bytes of a memory file. */
  async saveMemory(): Promise<Uint8Array> {
    return this.#alone("saveMemory", async () => {
      const { state, waiting, tokens } = await this.#memory.settled();
      const { model, vocabulary, weightsSha256 } = this.#trained;
      const characters = await vocabularyId(vocabulary);
      return encodeSessionMemory(
        { state, waiting, tokens },
        { config: model.config, characters, weightsSha256 },
      );
    });
  }

  /**
   * Goes on with a saved memory in place of the present one. Nothing in the bytes is trusted.
   *
   * @param name of the file, for messages.
   * @returns whether it was made with these very weights; with others of this model it may mean less.
   * @throws {UsageError} `ERR_USAGE` naming what differs or is damaged, {RequestError} `ERR_REQUEST`
   *   where it is no bytes; the memory is as before then.
   */
  async loadMemory(bytes: Uint8Array, name = "memory"): Promise<{ readonly sameWeights: boolean }> {
    checkBytes("loadMemory", bytes);
    return this.#alone("loadMemory", async () => {
      const { model, vocabulary, weightsSha256 } = this.#trained;
      const characters = await vocabularyId(vocabulary);
      const loaded = decodeSessionMemory(bytes, name, { config: model.config, characters });
      const { state, waiting, tokens } = loaded;
      this.#memory.replace({ state, waiting, tokens, unknown: 0 });
      return { sameWeights: loaded.weightsSha256 === weightsSha256 };
    });
  }

  /** Empties the memory. */
  forget(): void {
    this.#begin("forget");
    this.#memory.forget();
    this.#end();
  }

  /** Frees everything; no call may be under way. Harmless when called again. */
  dispose(): void {
    if (this.#state === "disposed") return;
    if (this.#state === "busy")
      throw new RunnerError("Runner.dispose: a call has not ended yet; end it first");
    this.#state = "disposed";
    this.#memory.dispose();
    this.#generator.dispose();
    this.#trained.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Tokens that go on from the memory, which takes them in when they have come to an end. */
  async *#tokens(
    how: Omit<GenerateOptions<object>, "prompt" | "state" | "keepState">,
  ): AsyncGenerator<number, void, void> {
    const { state, waiting, tokens, unknown } = await this.#memory.beforeLast();
    const text = this.#generator.generate({ ...how, prompt: waiting, state, keepState: "unread" });
    let written = 0;
    let last = new Int32Array();
    try {
      for (;;) {
        const next = await text.next();
        if (next.done === true) {
          if (next.value === null) return;
          if (written === 0)
            disposeTree(next.value); // the memory is as it was
          else this.#memory.replace({ state: next.value, waiting: last, tokens: tokens + written, unknown });
          return;
        }
        written++;
        last = Int32Array.of(next.value);
        yield next.value;
        await breathe();
      }
    } finally {
      await text.return(null);
    }
  }

  #begin(what: string): void {
    if (this.#state === "disposed")
      throw new RunnerError(`Runner.${what}: the runner has been disposed; open another`);
    if (this.#state === "busy")
      throw new RunnerError(
        `Runner.${what}: another call has not ended yet; await it, or open a second runner`,
      );
    this.#state = "busy";
  }

  #end(): void {
    this.#state = "free";
  }

  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#begin(what);
    try {
      return await work();
    } finally {
      this.#end();
    }
  }
}
