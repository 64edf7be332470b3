import { SafetensorsError } from "./safetensors-error.js";

/** The part of a `ReadableStream` that is used: not every browser can iterate over one. */
export interface ReadableBytes {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** Bytes as they arrive: a response's body, a stream of Node, pieces of any size. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableBytes;

/** No more is set aside on the word of a header before bytes have come. */
const trusted = 2 ** 24;

/** Takes bytes from a stream in the sizes that the reader wants. */
export class ByteReader {
  /** Bytes taken so far. */
  position = 0;
  #left: Uint8Array = new Uint8Array(0);
  readonly #next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  readonly #stop: () => unknown;

  constructor(stream: ByteStream) {
    if ("getReader" in stream) {
      const reader = stream.getReader();
      this.#next = () => reader.read();
      this.#stop = () => reader.cancel();
    } else {
      const iterator: AsyncIterator<unknown> | Iterator<unknown> =
        Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
      this.#next = async () => iterator.next();
      this.#stop = () => iterator.return?.();
    }
  }

  /** The next bytes, at least one and at most `most`, borrowed from the stream; `null` at its end. */
  async some(most: number): Promise<Uint8Array | null> {
    while (this.#left.length === 0) {
      const { done, value } = await this.#next();
      if (done) return null;
      if (!(value instanceof Uint8Array)) {
        throw new SafetensorsError(`safetensors: stream must give pieces of bytes, got ${typeof value}`);
      }
      this.#left = value;
    }
    const piece = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** The next `size` bytes in memory of their own, aligned for every dtype; fewer at the stream's end. */
  async take(size: number): Promise<Uint8Array> {
    let bytes = new Uint8Array(Math.min(size, trusted));
    let done = 0;
    while (done < size) {
      const piece = await this.some(size - done);
      if (piece === null) return bytes.subarray(0, done);
      if (done + piece.length > bytes.length) {
        const grown = new Uint8Array(Math.min(size, Math.max(2 * bytes.length, done + piece.length)));
        grown.set(bytes);
        bytes = grown;
      }
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }

  /** Gives the stream up. */
  async stop(): Promise<void> {
    await this.#stop();
  }
}
