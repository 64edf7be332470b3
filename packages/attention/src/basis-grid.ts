import type { GaussianBasis } from "@infinite-former/signal";

/** A Gaussian basis as the grid it is: every centre with every width, widths fastest. */
export interface BasisGrid {
  readonly centers: readonly number[]; // C of them
  readonly widths: readonly number[]; // K of them, N = C · K
}

/** The grid of a basis made by `gaussianBasis` with so many widths. */
export function basisGrid(basis: GaussianBasis, widthCount: number): BasisGrid {
  return {
    centers: Array.from(basis.centers).filter((_, j) => j % widthCount === 0),
    widths: Array.from(basis.widths.subarray(0, widthCount)),
  };
}
