import type { Basis } from "./basis.js";

/** Every function of a basis at one position, with its derivatives; all `[N]`. */
export interface BasisJet {
  readonly value: Float64Array;
  /** ψ′ */
  readonly slope: Float64Array;
  /** ψ″ */
  readonly bend: Float64Array;
}

/**
 * Values and first two derivatives of all N functions at a position. At a
 * border of cells and at the ends of [0, 1] the derivatives are those of the
 * side that the position belongs to; jumps have none.
 */
export function basisJet(basis: Basis, position: number): BasisJet {
  const jet = emptyJet(basis.count);
  switch (basis.kind) {
    case "gaussian":
      for (let j = 0; j < basis.count; j++) {
        const width = basis.widths[j]!;
        const z = (position - basis.centers[j]!) / width;
        const value = (1 / (width * Math.sqrt(2 * Math.PI))) * Math.exp(-0.5 * z * z);
        jet.value[j] = value;
        jet.slope[j] = (-z * value) / width;
        jet.bend[j] = ((z * z - 1) * value) / (width * width);
      }
      return jet;
    case "rectangular":
      if (position >= 0 && position <= 1) {
        jet.value[Math.min(Math.floor(position * basis.count), basis.count - 1)] = Math.sqrt(basis.count);
      }
      return jet;
    case "fourier":
      basis.frequencies.forEach((k, j) => {
        const [omega, size] = [(2 * Math.PI * k) / basis.period, k === 0 ? 1 : Math.SQRT2];
        const phase = omega * position;
        const [even, odd] = [size * Math.cos(phase), size * Math.sin(phase)];
        const isSine = j > 0 && j % 2 === 0;
        jet.value[j] = isSine ? odd : even;
        jet.slope[j] = omega * (isSine ? even : -odd);
        jet.bend[j] = -omega * omega * (isSine ? odd : even);
      });
      return jet;
    case "legendre":
      if (position >= 0 && position <= 1) legendre(jet, position);
      return jet;
    case "bspline":
      for (let j = 0; j < basis.count; j++) {
        const { value, slope, bend } = cardinalSpline((position - basis.centers[j]!) / basis.spacing);
        jet.value[j] = basis.scale * value;
        jet.slope[j] = (basis.scale * slope) / basis.spacing;
        jet.bend[j] = (basis.scale * bend) / basis.spacing ** 2;
      }
      return jet;
  }
}

/** The cardinal cubic B-spline β and its derivatives. */
export function cardinalSpline(x: number): { value: number; slope: number; bend: number } {
  const size = Math.abs(x);
  const [far, near] = [Math.max(0, 2 - size), Math.max(0, 1 - size)];
  return {
    value: (far ** 3 - 4 * near ** 3) / 6,
    slope: (-Math.sign(x) * (far * far - 4 * near * near)) / 2,
    bend: far - 4 * near,
  };
}

function emptyJet(count: number): BasisJet {
  return {
    value: new Float64Array(count),
    slope: new Float64Array(count),
    bend: new Float64Array(count),
  };
}

/**
 * Recurrences in the distance y = 1 − |x| from the nearer end, so that no
 * digits are lost there: `(n + 1) (P_{n+1} − P_n) = n (P_n − P_{n−1}) − (2n + 1) y P_n`,
 * and `P′_{n+1} = P′_{n−1} + (2n + 1) P_n`, likewise the second derivative.
 */
function legendre({ value, slope, bend }: BasisJet, position: number): void {
  const mirrored = position < 0.5;
  const y = mirrored ? 2 * position : 2 * (1 - position);
  let [p, step] = [1, 0];
  let [slopeBefore, slopeNow, bendBefore, bendNow] = [0, 0, 0, 0];
  for (let n = 0; n < value.length; n++) {
    const size = Math.sqrt(2 * n + 1);
    const sign = mirrored && n % 2 === 1 ? -1 : 1;
    value[n] = sign * size * p;
    slope[n] = sign * (mirrored ? -2 : 2) * size * slopeNow;
    bend[n] = sign * 4 * size * bendNow;
    [bendBefore, bendNow] = [bendNow, bendBefore + (2 * n + 1) * slopeNow];
    [slopeBefore, slopeNow] = [slopeNow, slopeBefore + (2 * n + 1) * p];
    step = (n * step - (2 * n + 1) * y * p) / (n + 1);
    p += step;
  }
}
