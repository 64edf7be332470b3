import type { Basis } from "./basis.js";
import { basisJet } from "./basis-jet.js";
import { densityKernel, type LocationScaleFamily } from "./density-kernel.js";
import type { ExpectedBasis } from "./expected-basis.js";
import { gaussLegendre } from "./gauss-legendre.js";

/** An interval of positions on which every function is smooth, and a rule fine enough for it. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** The part of it that the density reaches, in u. */
  readonly low: number;
  readonly high: number;
  /** Points of the Gauss–Legendre rule on each panel. */
  readonly points: number;
  readonly panels: number;
}

/**
 * Expected value of every function of any basis under any density with a place
 * and a scale, by Gauss–Legendre quadrature over the density's support, cut
 * where functions have kinks or jumps. To about 1e-12 of the largest value.
 *
 * With `t = μ + su`: `r = ∫ k ψ du`, and of the derivatives' two forms the one
 * that does not cancel. Densities narrower than the functions:
 * `∂r/∂μ = ∫ k ψ′ du − [kψ]/s` and `∂r/∂σ² = c (s² ∫ K ψ″ du − s [Kψ′] − [ukψ])`,
 * with `c = (ds/dσ²)/s`, `K = ∫_u^∞ vk` and the brackets over the ends of what is
 * integrated. Wider ones: `−∫ k′ψ du/s` and `−c ∫ (uk)′ ψ du`.
 *
 * @param mean μ. @param variance σ² > 0, not checked.
 */
export function expectedByQuadrature(
  mean: number,
  variance: number,
  basis: Basis,
  family: LocationScaleFamily,
): ExpectedBasis {
  const kernel = densityKernel(family);
  const scale = kernel.scale(variance);
  const lift = kernel.lift(scale);
  const narrow = scale < resolution(basis);
  const value = new Float64Array(basis.count);
  const byMean = new Float64Array(basis.count);
  const byVariance = new Float64Array(basis.count);
  const add = (sum: Float64Array, weight: number, of: Float64Array): void => {
    if (weight === 0) return;
    for (let j = 0; j < of.length; j++) sum[j] = sum[j]! + weight * of[j]!;
  };
  const step = family === "gaussian" ? scale : Number.POSITIVE_INFINITY;
  for (const piece of pieces(basis, { mean, scale, reach: kernel.reach, step })) {
    const at = (u: number): number => Math.max(piece.from, Math.min(piece.to, mean + scale * u));
    eachNode(piece, (u, weight) => {
      const jet = basisJet(basis, at(u));
      add(value, weight * kernel.value(u), jet.value);
      if (narrow) {
        add(byMean, weight * kernel.value(u), jet.slope);
        add(byVariance, weight * lift * kernel.bend(u), jet.bend);
      } else {
        add(byMean, (-weight / scale) * kernel.slope(u), jet.value);
        const tilt = kernel.value(u) + u * kernel.slope(u);
        add(byVariance, ((-weight * lift) / scale ** 2) * tilt, jet.value);
      }
    });
    if (!narrow || basis.kind !== "legendre") continue; // elsewhere what is beside a piece takes off what it adds
    for (const [u, sign] of [
      [piece.high, -1],
      [piece.low, 1],
    ] as const) {
      const jet = basisJet(basis, at(u));
      add(byMean, (sign * kernel.value(u)) / scale, jet.value);
      add(byVariance, (sign * lift * u * kernel.value(u)) / scale ** 2, jet.value);
      add(byVariance, (sign * lift * kernel.bend(u)) / scale, jet.slope);
    }
  }
  return { value, byMean, byVariance };
}

/** How far apart positions must be for the functions to tell them apart. */
function resolution(basis: Basis): number {
  if (basis.kind === "gaussian") return Math.min(...basis.widths);
  if (basis.kind === "fourier") return basis.period / basis.count;
  return basis.kind === "legendre" ? 1 / basis.count : basis.spacing;
}

interface Window {
  readonly mean: number;
  readonly scale: number;
  readonly reach: number;
  /** Panels are no longer than this. */
  readonly step: number;
}

function pieces(basis: Basis, { mean, scale, reach, step }: Window): Piece[] {
  const between = (from: number, to: number, panel: number, points = 8): Piece[] => {
    const low = Math.max((from - mean) / scale, -reach);
    const high = Math.min((to - mean) / scale, reach);
    if (!(low < high)) return [];
    const panels = Math.max(1, Math.ceil(((high - low) * scale) / Math.min(panel, step)));
    return [{ from, to, low, high, points, panels }];
  };
  const size = resolution(basis);
  switch (basis.kind) {
    case "legendre":
      return between(0, 1, Number.POSITIVE_INFINITY, 16 + Math.ceil(basis.count / 2));
    case "gaussian": {
      const far = 10 * Math.max(...basis.widths);
      return between(-far, 1 + far, size);
    }
    case "fourier":
      return between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, size);
    case "rectangular":
      return Array.from(basis.centers, (c) => between(c - size / 2, c + size / 2, 1)).flat();
    case "bspline":
      return Array.from({ length: basis.count + 3 }, (_, k) =>
        between((k - 3) * size, (k - 2) * size, 1),
      ).flat();
  }
}

function eachNode({ low, high, points, panels }: Piece, visit: (u: number, weight: number) => void): void {
  const { nodes, weights } = gaussLegendre(points);
  const half = (high - low) / (2 * panels);
  for (let p = 0; p < panels; p++) {
    const middle = low + (2 * p + 1) * half;
    for (let k = 0; k < points; k++) visit(middle + nodes[k]! * half, weights[k]! * half);
  }
}
