import { startsFromEnd } from "@infinite-former/datasets";
import type { Response } from "./responses.js";

/** How a response and its past are laid into segments. */
export interface SegmentSizes {
  /** Tokens of a segment, L. */
  readonly segmentLength: number;
  /** Places of the last segment that are kept for the response, R. */
  readonly responseTokens: number;
  /** Fills the front of the first segment and what is left of the last. */
  readonly padding: number;
  /** Whether segments before the last are read: without memory they leave no trace. */
  readonly remembers: boolean;
}

/** A response with its past in segments of one length. */
export interface ResponseSegments {
  /** How many. */
  readonly count: number;
  /** `[count · L]`: padding, past, and from the last R places on the response. */
  readonly tokens: Int32Array;
  readonly types: Int32Array;
  /** `[R + 1]`: what follows the last R + 1 tokens: the response and what ends it. */
  readonly targets: Int32Array;
  /** `[R + 1]`: 1 where a target is a word of the response. */
  readonly words: Float32Array;
  /** `[R + 1]`: the same, and 1 for what ends it. */
  readonly weights: Float32Array;
}

/**
 * Lays a response into segments, cut from the end as the authors cut theirs:
 * the last holds the newest L − R tokens of the past and room for R of the
 * response, and the first is filled with padding in front. A response of more
 * than R tokens is cut off, and has no end then.
 */
export function responseSegments(
  { past, response, type, other }: Response,
  sizes: SegmentSizes,
): ResponseSegments {
  const { segmentLength, responseTokens, padding, remembers } = sizes;
  const room = segmentLength - responseTokens;
  const starts = startsFromEnd(past.tokens.length, segmentLength, room);
  const count = remembers ? starts.length : 1;
  const size = count * segmentLength;
  const tokens = new Int32Array(size).fill(padding);
  const types = new Int32Array(size).fill(padding);
  const kept = Math.min(past.tokens.length, size - responseTokens);
  const at = size - responseTokens;
  tokens.set(past.tokens.subarray(past.tokens.length - kept), at - kept);
  types.set(past.types.subarray(past.types.length - kept), at - kept);
  const said = response.subarray(0, responseTokens);
  tokens.set(said, at);
  types.fill(type, at, at + said.length);
  const targets = new Int32Array(responseTokens + 1);
  targets.set(said);
  const words = new Float32Array(responseTokens + 1).fill(1, 0, said.length);
  const weights = Float32Array.from(words);
  if (response.length <= responseTokens) {
    targets[said.length] = other;
    weights[said.length] = 1;
  }
  return { count, tokens, types, targets, words, weights };
}
