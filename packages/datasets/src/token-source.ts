import { DatasetError } from "./errors.js";

/** Tokens that can be read anywhere: an array in memory, or a file of any size. */
export interface TokenSource {
  readonly length: number;
  /**
   * `count` tokens from `start` on.
   *
   * @throws {DatasetError} `ERR_DATASET` where they cannot be read.
   */
  read(start: number, count: number): Int32Array | Uint16Array;
}

/** An array as a source of tokens; nothing is copied. */
export function arrayTokens(tokens: Int32Array | Uint16Array): TokenSource {
  return {
    length: tokens.length,
    read(start, count) {
      if (start < 0 || count < 0 || start + count > tokens.length) {
        throw new DatasetError(
          `read: tokens ${start} to ${start + count} must lie within 0 to ${tokens.length}`,
        );
      }
      return tokens.subarray(start, start + count);
    },
  };
}
