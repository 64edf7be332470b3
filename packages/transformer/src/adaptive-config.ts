import type { ConfigChecks } from "./config-checks.js";

/**
 * Words in clusters by falling frequency, id 0 the most frequent: rare words
 * get narrow vectors (adaptive input), and are scored only where they are
 * needed (adaptive softmax).
 *
 * @see Grave et al. (2017), "Efficient softmax approximation for GPUs", https://arxiv.org/abs/1609.04309;
 *   Baevski & Auli (2019), "Adaptive Input Representations", https://arxiv.org/abs/1809.10853
 */
export interface AdaptiveConfig {
  /** The first id of each cluster after the head, increasing, below the size of the vocabulary. */
  readonly cutoffs: readonly number[];
  /**
   * d ≥ 1: the vectors of cluster i (the head is 0) have width modelSize / dⁱ,
   * a whole number; with d > 1 each cluster has a projection. Transformer-XL on
   * WikiText-103: 1 in its base model, 4 in the large one.
   */
  readonly divisor: number;
}

/** One cluster of words. */
export interface Cluster {
  /** Its first id. */
  readonly start: number;
  readonly words: number;
  /** Width of its vectors. */
  readonly width: number;
}

interface AdaptiveSizes {
  readonly vocabularySize: number;
  readonly modelSize: number;
}

/** The clusters of a configuration, the head first. */
export function clustersOf(
  { vocabularySize, modelSize }: AdaptiveSizes,
  { cutoffs, divisor }: AdaptiveConfig,
): Cluster[] {
  return [0, ...cutoffs].map((start, i) => ({
    start,
    words: (cutoffs[i] ?? vocabularySize) - start,
    width: modelSize / divisor ** i,
  }));
}

/**
 * Checks the field `adaptive` of a model's configuration.
 *
 * @param check in whose name the messages speak.
 * @returns the same, frozen.
 * @throws {ConfigError} `ERR_CONFIG` naming `adaptive`, `adaptive.cutoffs` or `adaptive.divisor`.
 */
export function resolveAdaptiveConfig(
  check: ConfigChecks,
  sizes: AdaptiveSizes,
  adaptive: AdaptiveConfig | null,
): AdaptiveConfig | null {
  if (adaptive === null) return null;
  if (typeof adaptive !== "object") check.fault("adaptive", "be null, or cutoffs and a divisor", adaptive);
  const { cutoffs, divisor } = adaptive;
  const { vocabularySize, modelSize } = sizes;
  const increasing =
    Array.isArray(cutoffs) &&
    cutoffs.length > 0 &&
    cutoffs.every((id, i) => Number.isSafeInteger(id) && id > (cutoffs[i - 1] ?? 0) && id < vocabularySize);
  if (!increasing) {
    const range = `increasing whole numbers of 1 to ${vocabularySize - 1}, at least one`;
    check.fault("adaptive.cutoffs", `be ${range}`, cutoffs);
  }
  const wholeWidths =
    Number.isFinite(divisor) &&
    divisor >= 1 &&
    clustersOf(sizes, adaptive).every(({ width }) => Number.isSafeInteger(width) && width >= 1);
  if (!wholeWidths) {
    const times = cutoffs.length === 1 ? "once" : `${cutoffs.length} times over`;
    check.fault("adaptive.divisor", `be at least 1 and divide modelSize ${modelSize} ${times}`, divisor);
  }
  return Object.freeze({ cutoffs: Object.freeze([...cutoffs]), divisor });
}
