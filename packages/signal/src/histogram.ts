import { checkCount } from "./config-error.js";
import { densityKernel, type LocationScaleFamily } from "./density-kernel.js";
import { intervalMass } from "./normal.js";
import { parabolaMass } from "./parabola-mass.js";

/** How far the outermost edges lie outside [0, 1], in the authors' code. */
const OUTER = 1e-6;

/** Densities whose mass is to be counted, one element each. */
export interface BinMassArgs {
  /** Bins of equal width on [0, 1]. */
  readonly bins: number;
  /** μ of each density, in positions. */
  readonly means: ArrayLike<number>;
  /** σ² of each density, in positions squared, > 0; not checked. */
  readonly variances: ArrayLike<number>;
  /** Normal densities, the truncated parabolas of continuous sparsemax, or biweights. */
  readonly density?: LocationScaleFamily;
}

/**
 * The borders of `bins` equal bins on [0, 1], the first and the last moved
 * outwards by 1e-6, so that the ends belong to a bin.
 *
 * @returns `[bins + 1]`
 * @throws {ConfigError} `ERR_CONFIG` unless `bins` is a whole number ≥ 1.
 */
export function binEdges(bins: number): Float64Array {
  checkCount("binEdges", "bins", bins);
  const edges = Float64Array.from({ length: bins + 1 }, (_, k) => k / bins);
  edges[0] = -OUTER;
  edges[bins] = 1 + OUTER;
  return edges;
}

/**
 * How much mass all densities together have in each bin; what lies outside
 * [0, 1] is lost. Divided by its sum: the probabilities of sticky memories.
 *
 * @returns `[bins]`, each ≥ 0
 * @throws {ConfigError} `ERR_CONFIG` unless `bins` is a whole number ≥ 1.
 * @see Martins, Marinho & Martins (2022), "∞-former: Infinite Memory
 *   Transformer", section 3.3; edges after the authors' code
 */
export function binMass({ bins, means, variances, density = "gaussian" }: BinMassArgs): Float64Array {
  const edges = binEdges(bins);
  const massBetween = massOf(density);
  const mass = new Float64Array(bins);
  for (let i = 0; i < means.length; i++) {
    for (let k = 0; k < bins; k++) {
      mass[k] = mass[k]! + massBetween(edges[k]!, edges[k + 1]!, means[i]!, variances[i]!);
    }
  }
  return mass;
}

function massOf(density: LocationScaleFamily): typeof intervalMass {
  if (density === "gaussian") return intervalMass;
  if (density === "truncated-parabola") return parabolaMass;
  const kernel = densityKernel(density);
  return (low, high, mean, variance) => {
    const scale = kernel.scale(variance);
    return kernel.mass((low - mean) / scale, (high - mean) / scale);
  };
}
