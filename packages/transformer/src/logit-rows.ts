import type { ForwardOptions } from "./language-model.js";

/**
 * How many of the last positions get logits.
 *
 * @param count positions of the pass.
 * @throws {RangeError} for a number outside of 1 … `count`.
 */
export function logitRows(fn: string, wanted: NonNullable<ForwardOptions["logits"]>, count: number): number {
  if (wanted === "all") return count;
  if (wanted === "last") return 1;
  if (wanted === "none") return 0;
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= count) return wanted;
  throw new RangeError(
    `${fn}: logits must be "all", "last", "none" or a whole number of 1 … ${count}, got ${wanted}`,
  );
}
