import type { Matrix } from "@infinite-former/signal";
import { ConfigError } from "@infinite-former/tensor";
import type { MemoryConfig } from "./config.js";
import { updateFits } from "./fits.js";

/** Updates before the growth is measured, and over which it is. */
const updates = 256;

/**
 * The factor by which an update multiplies, in the long run, what is remembered
 * already: the spectral radius of `carry`, from the growth of one vector over
 * 256 updates, a percent or so accurate. Below 1 the past fades, and the
 * coefficients stay bounded and keep their digits over any number of segments;
 * above 1 they overflow in the end.
 *
 * It is above 1 where the fit is not held by its data: samples further apart
 * than the narrowest functions are wide (`sampleCount` below 1/width, with other bases below N), or few
 * vectors in a segment, with a small ridge.
 *
 * @param config resolved. With sticky sampling this is the factor of even
 *   samples; attention on a single bin for ever can exceed it (docs/numerics.md).
 * @param length of the segments.
 */
export function memoryGrowth(config: MemoryConfig, length: number = config.segmentLength): number {
  const { carry } = updateFits(config, length);
  // Neither symmetric nor alternating, so that it has a share in every direction that grows.
  let vector = Float64Array.from({ length: carry.rows }, (_, j) => Math.cos(j * j + 1));
  let logarithm = 0;
  for (let update = 0; update < 2 * updates; update++) {
    vector = times(carry, vector);
    const size = Math.hypot(...vector);
    if (size === 0) return 0;
    if (update >= updates) logarithm += Math.log(size);
    for (let j = 0; j < vector.length; j++) vector[j]! /= size;
  }
  return Math.exp(logarithm / updates);
}

/**
 * Refuses a configuration under which the memory would grow without bound.
 *
 * @param fn the function in whose name the message speaks.
 * @throws {ConfigError} `ERR_CONFIG` where {@link memoryGrowth} is 1 or more and
 *   `wipeAfter` empties nothing.
 */
export function assertBounded(config: MemoryConfig, fn = "assertBounded"): void {
  if (config.wipeAfter !== null) return;
  const growth = memoryGrowth(config);
  if (growth < 1) return;
  const gaussian = config.basis === "gaussian";
  const samples = gaussian ? Math.ceil(1 / Math.min(...config.basisWidths)) : config.basisCount;
  const path = config.sampleCount < samples ? "sampleCount" : "ridge";
  throw new ConfigError(
    path,
    `${fn}: ${path} must be large enough for a memory that stays bounded, got ${config[path]}: each segment would multiply what is remembered by ${growth.toPrecision(3)}; take sampleCount of at least ${samples}, a larger ridge, longer segments, or wipeAfter`,
  );
}

function times({ rows, columns, data }: Matrix, vector: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * vector[j]!;
    return sum;
  });
}
