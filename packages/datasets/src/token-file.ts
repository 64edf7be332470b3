import { closeSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { endianness } from "node:os";
import { DatasetError } from "./errors.js";
import type { TokenSource } from "./token-source.js";

/** What a file of tokens holds beside them. */
export interface TokenCounts {
  readonly tokens: number;
  /** Where each document starts, increasing, the first at 0. */
  readonly starts: readonly number[];
  /** How many tokens are the vocabulary's unknown symbol, though the text has another. */
  readonly unknown: number;
  /** Of the text: Unicode code points. */
  readonly characters: number;
  /** Of the text: runs between white space. */
  readonly words: number;
  /** Of the text: line ends. */
  readonly lines: number;
}

/** Tokens on disk; `close` lets go of the file. */
export interface TokenFile extends TokenSource, TokenCounts {
  close(): void;
}

const format = "infinite-former/tokens";

/** Writes a file of tokens, in constant memory: there under its name only when it is whole. */
export interface TokenFileWriter {
  /** Tokens of the next document's beginning (`first`), or of what comes next in one. */
  append(ids: ArrayLike<number>, first: boolean): Promise<void>;
  /** Ends the file and puts it in its place. */
  finish(counts: Omit<TokenCounts, "tokens" | "starts">): Promise<TokenFile>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/**
 * Begins a file of tokens: `PATH` with the ids as little-endian integers of 2
 * or 4 bytes, and `PATH.json` with what it is. Both are staged beside their
 * names and renamed at the end, the description last.
 *
 * @param vocabularySize decides the integers' width.
 */
export async function writeTokenFile(path: string, vocabularySize: number): Promise<TokenFileWriter> {
  const staged = `${path}.${process.pid}.partial`;
  const file: FileHandle = await open(staged, "w");
  const wide = vocabularySize > 2 ** 16;
  const starts: number[] = [];
  let tokens = 0;
  const bytesOf = (ids: ArrayLike<number>): Uint8Array => {
    const array = wide ? Int32Array.from(ids) : Uint16Array.from(ids);
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    return endianness() === "LE" ? bytes : wide ? bytes.swap32() : bytes.swap16();
  };
  return {
    async append(ids, first) {
      if (first) starts.push(tokens);
      if (ids.length > 0) await file.write(bytesOf(ids));
      tokens += ids.length;
    },
    async finish(counts) {
      await file.sync();
      await file.close();
      const about = { format, version: 1, bytesPerToken: wide ? 4 : 2, tokens, starts, ...counts };
      await writeFile(`${staged}.json`, `${JSON.stringify(about)}\n`);
      await rename(staged, path);
      await rename(`${staged}.json`, `${path}.json`);
      return openTokenFile(path);
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await Promise.all([rm(staged, { force: true }), rm(`${staged}.json`, { force: true })]);
    },
  };
}

/**
 * Opens a file of tokens, to be read anywhere in it.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`: missing, not such a file, or cut short.
 */
export async function openTokenFile(path: string): Promise<TokenFile> {
  const fault = (what: string): DatasetError =>
    new DatasetError(`openTokenFile: ${path} ${what}: delete it, and it is made anew`, { file: path });
  let about: Record<string, unknown>;
  try {
    about = JSON.parse(await readFile(`${path}.json`, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw fault(`must have a description beside it (${(error as Error).message})`);
  }
  const { bytesPerToken, tokens, starts, unknown, characters, words, lines } =
    about as unknown as TokenCounts & {
      readonly bytesPerToken: number;
    };
  const whole = [tokens, unknown, characters, words, lines].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (about["format"] !== format || about["version"] !== 1 || !whole || !Array.isArray(starts)) {
    throw fault("must be a file of tokens, got another description");
  }
  if (bytesPerToken !== 2 && bytesPerToken !== 4) throw fault("must have tokens of 2 or 4 bytes");
  const descriptor = openSync(path, "r");
  const read = (start: number, count: number): Int32Array | Uint16Array => {
    if (start < 0 || count < 0 || start + count > tokens) {
      throw new DatasetError(`read: tokens ${start} to ${start + count} must lie within 0 to ${tokens}`);
    }
    const array = bytesPerToken === 4 ? new Int32Array(count) : new Uint16Array(count);
    const bytes = Buffer.from(array.buffer);
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(descriptor, bytes, done, bytes.length - done, start * bytesPerToken + done);
      if (got === 0) throw fault(`must have ${tokens * bytesPerToken} bytes, got fewer`);
      done += got;
    }
    if (endianness() === "BE") bytesPerToken === 4 ? bytes.swap32() : bytes.swap16();
    return array;
  };
  const file = { length: tokens, tokens, starts, unknown, characters, words, lines, read };
  try {
    if (tokens > 0) read(tokens - 1, 1);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { ...file, close: () => closeSync(descriptor) };
}
