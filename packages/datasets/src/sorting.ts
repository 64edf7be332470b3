import { categorical, createRng, type Rng } from "@infinite-former/random";
import { assertInteger, ConfigError } from "./errors.js";
import { sortTarget } from "./sort-target.js";

/** Settings of the sorting task. */
export interface SortingTaskConfig {
  /** One number decides every sequence of every split. */
  readonly seed: number;
  /** Any name: `train`, `valid`, `test`. Splits draw independently. */
  readonly split: string;
  /** L: symbols before the separator, ≥ 1; 4,000 to 16,000 in the paper. */
  readonly length: number;
  /** V: tokens to sort, 20 in the paper. */
  readonly vocabularySize?: number;
}

/** One sequence of the sorting task. */
export interface SortingSequence {
  /** `[L]` ids below V. */
  readonly sequence: Int32Array;
  /** `[V]` the answer, see `sortTarget`. */
  readonly target: Int32Array;
}

/** The sorting task of one seed and split: an endless stream that can also be asked for any sequence. */
export interface SortingTask extends Iterable<SortingSequence> {
  readonly config: Required<SortingTaskConfig>;
  /** Sequence number `index` ≥ 0: the same whatever was asked for before. */
  at(index: number): SortingSequence;
}

/**
 * Distribution of the token at one position of a sequence, which drifts
 * linearly from `initial` to `final`:
 * `p_j = (1 − r) initial + r final` with `r = (j + 1) / L`.
 *
 * @param initial `[V]` distribution, sums to one.
 * @param final `[V]` distribution, sums to one; the last token has exactly it.
 * @param position j, from 0 to L − 1.
 * @param length L.
 * @returns `[V]` float64.
 */
export function tokenProbabilities(
  initial: ArrayLike<number>,
  final: ArrayLike<number>,
  position: number,
  length: number,
): Float64Array {
  assertInteger("tokenProbabilities", "length", length, 1);
  assertInteger("tokenProbabilities", "position", position, 0);
  if (position >= length) {
    throw new ConfigError(
      `tokenProbabilities: position must be below the length ${length}, got ${position}`,
      "position",
    );
  }
  if (initial.length !== final.length) {
    throw new ConfigError(
      `tokenProbabilities: final must have ${initial.length} entries, got ${final.length}`,
      "final",
    );
  }
  const share = (position + 1) / length;
  // A plain loop: this is called for every token, and `from` with a function takes several times as long.
  const probabilities = new Float64Array(initial.length);
  for (let id = 0; id < probabilities.length; id++) {
    probabilities[id] = (1 - share) * initial[id]! + share * final[id]!;
  }
  return probabilities;
}

/** `[V]` integers from 1 to 9, divided by their sum. */
function drawDistribution(rng: Rng, vocabularySize: number): Float64Array {
  const weights = Float64Array.from({ length: vocabularySize }, () => rng.integer(1, 10));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The paper's sorting task: tokens drawn from a distribution that drifts over
 * the sequence; the answer is all tokens by decreasing count, so that the
 * model must remember the whole sequence.
 *
 * Every sequence has its own pair of distributions (20 integers from 1 to 9,
 * normalised) and its own random stream, derived from (seed, split, index):
 * sequence 17 of a split is the same on every machine and needs none before it.
 *
 * @throws {ConfigError} `ERR_CONFIG` for a seed, length or size out of range.
 * @see SortTarget for the order; the authors' generator for the distributions.
 * @example
 * const task = sortingTask({ seed: 1, split: "train", length: 4000 });
 * const { sequence, target } = task.at(0); // 4000 ids, and a permutation of 0…19
 */
export function sortingTask(config: SortingTaskConfig): SortingTask {
  const { seed, split, length, vocabularySize = 20 } = config;
  assertInteger("sortingTask", "seed", seed, 0);
  assertInteger("sortingTask", "length", length, 1);
  assertInteger("sortingTask", "vocabularySize", vocabularySize, 1);
  const stream = createRng(seed).split(split);

  const at = (index: number): SortingSequence => {
    assertInteger("sortingTask.at", "index", index, 0);
    const rng = stream.split(index);
    const initial = drawDistribution(rng, vocabularySize);
    const final = drawDistribution(rng, vocabularySize);
    const sequence = Int32Array.from({ length }, (_, position) => {
      return categorical(rng, tokenProbabilities(initial, final, position, length));
    });
    return { sequence, target: sortTarget(sequence, vocabularySize) };
  };
  return {
    config: { seed, split, length, vocabularySize },
    at,
    *[Symbol.iterator]() {
      for (let index = 0; ; index++) yield at(index);
    },
  };
}
