import { assertShape, ConfigError, ShapeError } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { MemoryConfig } from "./config.js";
import type { LongTermMemory } from "./long-term.js";

/** What of a configuration a memory's tensors must fit. */
export type MemoryShape = Pick<MemoryConfig, "basisCount" | "sampling" | "stickyBins">;

/** Sizes that are fixed already; what is left out may be any. */
export interface KnownSizes {
  readonly batch?: number;
  readonly model?: number;
}

/**
 * Checks that a memory is one of this configuration: which tensors it has,
 * their shapes and types. Values are not read, and two configurations of the
 * same sizes look alike: only a file (`toBytes`) tells those apart.
 *
 * @param fn the function in whose name the message speaks.
 * @param path where the memory stands among the function's arguments, like `"past"`.
 * @returns batch and model size.
 * @throws {ShapeError} `ERR_SHAPE` naming the tensor, like `past.segments`, whose shape or type does not fit.
 * @throws {ConfigError} `ERR_CONFIG` with the path of attention mass that is
 *   missing where sampling is sticky, or there where it is uniform.
 */
export function checkMemory(
  fn: string,
  path: string,
  memory: LongTermMemory,
  config: MemoryShape,
  known: KnownSizes = {},
): { readonly batch: number; readonly model: number } {
  const { basisCount: basis, stickyBins, sampling } = config;
  const { coefficients, segments, attended } = memory;
  const at = (name: string): string => `${path}.${name}`;
  const sizes = assertShape(fn, at("coefficients"), coefficients, "[batch, basis, model]", {
    ...known,
    basis,
  });
  const { batch } = sizes;
  assertFloat32(fn, at("coefficients"), coefficients);
  assertShape(fn, at("segments"), segments, "[batch]", { batch });
  assertFloat32(fn, at("segments"), segments);
  assertGivenWhereSticky(fn, at("attended"), attended, sampling);
  if (attended) {
    assertShape(fn, at("attended"), attended, "[batch, stickyBins]", { batch, stickyBins });
    assertFloat32(fn, at("attended"), attended);
  }
  return sizes;
}

/** @throws {ShapeError} `ERR_SHAPE`: `fn: path must be float32, got int32`. */
export function assertFloat32(fn: string, path: string, { dtype }: tf.Tensor): void {
  if (dtype !== "float32") throw new ShapeError(`${fn}: ${path} must be float32, got ${dtype}`);
}

/** @throws {ConfigError} `ERR_CONFIG` unless the tensor is there exactly where sampling is sticky. */
export function assertGivenWhereSticky(
  fn: string,
  path: string,
  tensor: tf.Tensor | undefined,
  sampling: MemoryConfig["sampling"],
): void {
  if ((sampling === "sticky") === (tensor !== undefined)) return;
  const must = sampling === "sticky" ? "be given" : "be left out";
  throw new ConfigError(path, `${fn}: ${path} must ${must} where sampling is ${sampling}`);
}
