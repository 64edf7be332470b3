import {
  type Basis,
  type BasisConfig,
  coefficients,
  createBasis,
  evaluateSignal,
  expectedValues,
  fitSegment,
  intervalMass,
  type Matrix,
  type Padding,
  segmentPositions,
} from "@infinite-former/signal";

/** How far a signal of N functions is from the vectors it was fitted to, in shares of their size (root mean squares). */
export interface BasisErrors {
  readonly basis: string;
  /** N */
  readonly count: number;
  /** Of the signal at the vectors' own positions. */
  readonly regression: number;
  /** Of what normal densities of a deviation read, over 64 places in [0, 1]. */
  readonly attention: readonly { readonly deviation: number; readonly error: number }[];
}

const deviations = [0.003, 0.01, 0.05];
const places = Array.from({ length: 64 }, (_, i) => (i + 0.5) / 64);

/** Errors of every basis at every N, of one segment of all vectors: λ = 1, zeros outside where a basis has an outside. */
export function basisErrors(vectors: Matrix, counts: readonly number[]): BasisErrors[] {
  const wanted = deviations.map((deviation) =>
    places.map((mean) => readExactly(vectors, mean, deviation ** 2)),
  );
  return counts.flatMap((count) =>
    basesOf(count).map(({ name, basis, padding }): BasisErrors => {
      const { rows: length } = vectors;
      const fit = fitSegment({ basis, length, ridge: 1, padding });
      const held = coefficients(fit, vectors);
      const signal = evaluateSignal(basis, held, segmentPositions(length));
      const attention = deviations.map((deviation, d) => {
        const reads = places.map((mean) => weighed(expectedValues(mean, deviation ** 2, basis).value, held));
        return { deviation, error: relative(reads, wanted[d] as Float64Array[]) };
      });
      return { basis: name, count, regression: relative([signal.data], [vectors.data]), attention };
    }),
  );
}

interface Contender {
  readonly name: string;
  readonly basis: Basis;
  readonly padding: Padding;
}

function basesOf(count: number): Contender[] {
  const [padded, plain] = ["zeros", "none"] as const;
  const of = (name: string, config: BasisConfig, padding: Padding): Contender => {
    return {
      name: `${name}${config.kind === "gaussian" && padding === "none" ? ", no zeros" : ""}`,
      basis: createBasis(config),
      padding,
    };
  };
  const wide = { kind: "gaussian", count, widths: [0.01, 0.05] } as const;
  return [
    of("Gaussian, .01 and .05", wide, padded),
    of("Gaussian, .01 and .05", wide, plain),
    of("Gaussian, 1/N", { kind: "gaussian", count, widths: [1 / count] }, padded),
    of("rectangular", { kind: "rectangular", count }, padded),
    of("Fourier, period 1", { kind: "fourier", count, period: 1 }, plain),
    of("Fourier, period 2", { kind: "fourier", count }, plain),
    of("Legendre", { kind: "legendre", count }, plain),
    of("B-splines", { kind: "bspline", count }, padded),
  ];
}

/** What a density reads of the vectors themselves, each constant over its cell of [0, 1]. */
function readExactly(vectors: Matrix, mean: number, variance: number): Float64Array {
  const { rows } = vectors;
  const masses = Float64Array.from({ length: rows }, (_, i) =>
    intervalMass(i / rows, (i + 1) / rows, mean, variance),
  );
  return weighed(masses, vectors);
}

/** `Σ_i weight_i row_i` */
function weighed(weights: Float64Array, { columns, data }: Matrix): Float64Array {
  const out = new Float64Array(columns);
  weights.forEach((weight, i) => {
    for (let e = 0; e < columns; e++)
      out[e] = (out[e] as number) + weight * (data[i * columns + e] as number);
  });
  return out;
}

function relative(got: readonly Float64Array[], want: readonly Float64Array[]): number {
  let [difference, size] = [0, 0];
  got.forEach((row, i) => {
    row.forEach((x, e) => {
      const y = want[i]?.[e] as number;
      difference += (x - y) ** 2;
      size += y * y;
    });
  });
  return Math.sqrt(difference / size);
}
