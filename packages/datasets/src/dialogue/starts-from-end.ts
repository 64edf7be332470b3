import { assertInteger, ConfigError } from "../errors.js";

/**
 * Where the segments of a sequence start that is cut from its end: all have
 * `segmentLength` positions, the last may have fewer so that something fits
 * behind it, and the first has what is left. So the authors cut documents with
 * their conversations; the memory then takes whole segments from the second
 * on. A first segment of one token they pass over.
 *
 * @param lastLength positions of the last segment; `segmentLength` by default.
 *   For responses of at most 50 tokens theirs has 461 of 512.
 * @throws {ConfigError} `ERR_CONFIG` for lengths below 1, or a last segment longer than the others.
 * @example
 * startsFromEnd(1100, 512); // [0, 76, 588]
 * startsFromEnd(1100, 512, 461); // [0, 127, 639]
 */
export function startsFromEnd(
  total: number,
  segmentLength: number,
  lastLength: number = segmentLength,
): number[] {
  assertInteger("startsFromEnd", "total", total, 0);
  assertInteger("startsFromEnd", "segmentLength", segmentLength, 1);
  assertInteger("startsFromEnd", "lastLength", lastLength, 1);
  if (lastLength > segmentLength) {
    throw new ConfigError(
      `startsFromEnd: lastLength must be at most segmentLength ${segmentLength}, got ${lastLength}`,
      "lastLength",
    );
  }
  const starts: number[] = [];
  for (let start = total - lastLength; start > 0; start -= segmentLength) starts.push(start);
  return total === 0 ? [] : [0, ...starts.reverse()];
}
