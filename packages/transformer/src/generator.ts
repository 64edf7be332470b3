import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { checkAlive } from "./check-alive.js";
import { checkIds } from "./check-ids.js";
import { asItIs, type Compile } from "./compile.js";
import type { Decoder } from "./decoder.js";
import type { GenerateBatchOptions, GenerateOptions } from "./generate-options.js";
import { checkGeneration } from "./generate-options.js";
import type { LanguageModel } from "./language-model.js";
import { pauses } from "./pauses.js";
import { plainDecoder } from "./plain-decoder.js";
import { type ReadOptions, type ReadOutput, readBy } from "./read.js";
import { runningTexts } from "./running-texts.js";
import { type SegmentPass, segmentPass } from "./segment-pass.js";

/** How a generator runs. */
export interface GeneratorOptions {
  /** Makes the functions fast that every token runs: `compile` of `@infinite-former/tensorflow`. Without it they run as they are, to the same numbers. */
  readonly compile?: Compile;
}

/** Generates any number of texts with one model; what is recorded serves them all. */
export interface Generator<Model, State extends object> {
  /**
   * Reads the prompt, then yields one token id at a time.
   *
   * @param model another with the same configuration, such as the same one with newer parameters.
   */
  generate(options: GenerateOptions<State>, model?: Model): AsyncGenerator<number, State | null, void>;
  /**
   * The same for several sequences at once: yields one token id a sequence, `null` in those that have ended; returns
   * one state a sequence.
   */
  generateBatch(
    options: GenerateBatchOptions<State>,
    model?: Model,
  ): AsyncGenerator<readonly (number | null)[], readonly State[] | null, void>;
  /**
   * `read` by the same compiled passes, for texts that nothing is generated from yet.
   *
   * @param model whose passes are recorded anew, and then kept, when it is another than at the last call.
   */
  read(
    state: State,
    tokens: readonly ArrayLike<number>[],
    options?: ReadOptions,
    model?: Model,
  ): ReadOutput<State>;
  /** How many sets of shapes have been recorded: it does not grow with the texts. */
  signatures(): number;
  /** Frees what was recorded; texts under way must have ended. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * A generator of texts: one compiled step a token with the memories inside, for
 * a batch of sequences at once. Long prompts are read by compiled passes over
 * whole segments.
 *
 * Each iterator owns its memory: when it ends, is left early, is aborted or
 * throws, all its tensors are freed, but for the states it returns if asked to.
 *
 * A signal is heard between two tokens, also one that a timer gives.
 *
 * @param model borrowed for the generator's life.
 * @throws {RequestError} `ERR_REQUEST`, from the iterators, for a bad option or prompt, or what has been disposed;
 *   {ShapeError} `ERR_SHAPE` for a memory of another model. Before any work.
 * @returns owned by the caller; `dispose` frees what was recorded.
 * @example
 * const generator = createGenerator(model, { compile });
 * for await (const ids of generator.generateBatch({ prompts, maxTokens: 100, rng })) show(ids);
 */
export function createGenerator<State extends object, Model extends LanguageModel<State>>(
  model: Model & LanguageModel<State>,
  options: GeneratorOptions = {},
): Generator<Model, State> {
  const { compile = asItIs } = options;
  const decoder = (model.functions.decoder?.(model, compile) ?? plainDecoder<State>()) as Decoder<
    Model,
    State
  >;
  let reading: { readonly model: Model; readonly pass: SegmentPass<State> } | null = null;
  const passOf = (own: Model): SegmentPass<State> => {
    if (reading?.model !== own) {
      reading?.pass.dispose();
      reading = { model: own, pass: segmentPass<State>(own, compile) };
    }
    return reading.pass;
  };

  async function* generateBatch(
    given: GenerateBatchOptions<State>,
    own: Model = model,
  ): AsyncGenerator<readonly (number | null)[], readonly State[] | null, void> {
    const rngs = given.prompts.map((_, index) => given.rng.split(`sequence ${index}`));
    return yield* sequences(own, given, rngs);
  }

  async function* generate(
    given: GenerateOptions<State>,
    own: Model = model,
  ): AsyncGenerator<number, State | null, void> {
    checkIds("generate", "prompt", given.prompt, own.config.vocabularySize);
    const texts = sequences(own, { ...given, prompts: [given.prompt] }, [given.rng]);
    try {
      for (;;) {
        const next = await texts.next();
        if (next.done) return next.value?.[0] ?? null;
        yield next.value[0] as number;
      }
    } finally {
      await texts.return(null);
    }
  }

  async function* sequences(
    own: Model,
    given: GenerateBatchOptions<State>,
    rngs: readonly Rng[],
  ): AsyncGenerator<readonly (number | null)[], readonly State[] | null, void> {
    checkGeneration(given);
    for (const [index, prompt] of given.prompts.entries()) {
      checkIds("generateBatch", `prompts[${index}]`, prompt, own.config.vocabularySize);
    }
    if ("params" in own) checkAlive("generate", "model.params", own.params as object);
    checkAlive("generate", "state", given.state);
    const { maxTokens, stopTokens = [], signal, keepState = false } = given;
    const text = runningTexts<State, Model>(own, decoder, passOf(own), given, rngs);
    const rows = rngs.map((_, row) => row);
    const ended = rows.map(() => false);
    const kept = new Map<number, State>();
    let returned = false;
    let chosen: readonly (number | null)[] | null = null; // given and not read yet
    const readChosen = (): void => {
      if (chosen !== null) text.read(chosen);
      chosen = null;
    };
    const pause = pauses(signal);
    try {
      for (let count = 1; count <= maxTokens && ended.includes(false); count++) {
        await pause();
        if (signal?.aborted) break;
        readChosen();
        const ids = await text.choose(given, rngs, ended);
        yield ids;
        chosen = ids;
        const ending = rows.filter((row) => ids[row] !== null && stopTokens.includes(ids[row] as number));
        if (keepState === true && ending.length > 0) readChosen();
        for (const row of ending) {
          if (keepState !== false) kept.set(row, text.state(row));
          ended[row] = true;
        }
      }
      if (keepState === false) return null;
      if (keepState === true) readChosen();
      for (const row of rows) if (!kept.has(row)) kept.set(row, text.state(row));
      returned = true;
      return rows.map((row) => kept.get(row) as State);
    } finally {
      text.dispose();
      if (!returned) disposeTree([...kept.values()]);
    }
  }

  const dispose = (): void => {
    decoder.dispose();
    reading?.pass.dispose();
    reading = null;
  };
  return {
    generate,
    generateBatch,
    read: (state, tokens, how = {}, own = model) => readBy(passOf(own).forward, own, state, tokens, how),
    signatures: () => decoder.signatures() + (reading?.pass.signatures() ?? 0),
    dispose,
    [Symbol.dispose]: dispose,
  };
}
