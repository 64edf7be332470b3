/** Where in its bin a drawn position lies: at the left edge (the authors' code), or anywhere with equal probability. */
export type BinPlacement = "left-edge" | "within-bin";

/**
 * Draws bins with probability proportional to their mass, by the inverse CDF:
 * bin `b` is the number of k with `c_k ≤ u · c_last`, where c is the cumulative
 * mass. A bin without mass is never drawn.
 *
 * @param mass `[bins]` ≥ 0, with a sum above 0; need not sum to 1. Not checked.
 * @param uniforms numbers in [0, 1)
 * @returns a bin for each uniform number, in their order
 */
export function sampleBins(mass: ArrayLike<number>, uniforms: ArrayLike<number>): Int32Array {
  const cumulative = cumulated(mass);
  return Int32Array.from(uniforms, (u) => findBin(cumulative, u));
}

/**
 * Positions drawn from a histogram on [0, 1], in ascending order: what sticky
 * memories keep of the past. With `"within-bin"` a position is the inverse of
 * the CDF that rises linearly in each bin, so that it needs no second random
 * number and moves continuously with the mass.
 *
 * @param mass `[bins]` ≥ 0, with a sum above 0; not checked
 * @param uniforms numbers in [0, 1)
 * @returns as many positions as there are uniform numbers
 * @see Martins, Marinho & Martins (2022), "∞-former: Infinite Memory
 *   Transformer", section 3.3; left edges after the authors' code
 */
export function stickyPositions(
  mass: ArrayLike<number>,
  uniforms: ArrayLike<number>,
  placement: BinPlacement = "left-edge",
): Float64Array {
  const cumulative = cumulated(mass);
  const positions = Float64Array.from(uniforms, (u) => {
    const bin = findBin(cumulative, u);
    if (placement === "left-edge") return bin / mass.length;
    const before = cumulative[bin - 1] ?? 0;
    const share = (u * cumulative[mass.length - 1]! - before) / mass[bin]!;
    return (bin + Math.max(0, Math.min(1, share))) / mass.length;
  });
  return positions.sort();
}

function cumulated(mass: ArrayLike<number>): Float64Array {
  let sum = 0;
  return Float64Array.from(mass, (m) => {
    sum += m;
    return sum;
  });
}

function findBin(cumulative: Float64Array, uniform: number): number {
  const total = cumulative[cumulative.length - 1]!;
  const bin = cumulative.findIndex((c) => c > uniform * total);
  return bin < 0 ? cumulative.indexOf(total) : bin; // u = 1: the last bin with mass
}
