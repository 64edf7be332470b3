import type { Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import {
  type Reader,
  type ReadMemory,
  type ReadTextOptions,
  readInto,
  settle,
  type TextPart,
} from "./read-into.js";
import { firstToken } from "./sample.js";

/**
 * A memory of one stream, and the owner of its state: it reads, is lent to
 * what writes from it, and takes what comes back. Empty where reading fails.
 */
export class ReadingMemory {
  readonly #reader: Reader;
  readonly #rng: Rng;
  #held: ReadMemory;

  /** @param rng seeds the draws of sticky memories; not advanced. */
  constructor(reader: Reader, rng: Rng) {
    this.#reader = reader;
    this.#rng = rng;
    this.#held = this.#empty();
  }

  /** Tokens read so far. */
  get tokens(): number {
    return this.#held.tokens;
  }

  /** How many of them the vocabulary lacks. */
  get unknown(): number {
    return this.#held.unknown;
  }

  /** All that is remembered, as it is: lent, until the next call. */
  get held(): ReadMemory {
    return this.#held;
  }

  async read(
    parts: AsyncIterable<TextPart> | Iterable<TextPart>,
    options: Omit<ReadTextOptions, "rng"> = {},
  ): Promise<void> {
    await this.#change((memory) => readInto(this.#reader, memory, parts, { ...options, rng: this.#rng }));
  }

  /** All tokens but the last into the state. @returns lent, until the next call. */
  async settled(): Promise<ReadMemory> {
    return this.#change((memory) => settle(this.#reader, memory, 1, this.#rng));
  }

  /**
   * All tokens but the last into the state: a text is written on from that
   * one, or from a line end where there is none.
   *
   * @returns lent, until the next call.
   */
  async beforeLast(): Promise<ReadMemory> {
    return this.#change((memory) => {
      const begins = memory.waiting.length === 0;
      const waiting = begins ? firstToken(this.#reader.vocabulary) : memory.waiting;
      const tokens = memory.tokens + (begins ? 1 : 0);
      return settle(this.#reader, { ...memory, waiting, tokens }, 1, this.#rng);
    });
  }

  /** Goes on with another memory, whose state it then owns. */
  replace(next: ReadMemory): void {
    disposeTree(this.#held.state);
    this.#held = next;
  }

  forget(): void {
    this.replace(this.#empty());
  }

  dispose(): void {
    disposeTree(this.#held.state);
  }

  #empty(): ReadMemory {
    const { model } = this.#reader;
    const state = model.functions.initialState(model, 1);
    return { state, waiting: new Int32Array(), tokens: 0, unknown: 0 };
  }

  async #change(work: (memory: ReadMemory) => ReadMemory | Promise<ReadMemory>): Promise<ReadMemory> {
    try {
      this.#held = await work(this.#held);
    } catch (error) {
      this.#held = this.#empty(); // what failed has freed the old one
      throw error;
    }
    return this.#held;
  }
}
