import { type SortingSequence, type SortingTask, sortingTask, tokensSha256 } from "@infinite-former/datasets";

/** The splits of one cell's data. */
export interface SortingData {
  /** Fresh sequences without end, one stream a seed. */
  readonly train: SortingTask;
  /** Sequences that no model is trained on, the same for every model and seed. */
  readonly heldOut: readonly SortingSequence[];
}

/** Seed of the held-out sequences, whatever the cell's own seed is. */
const heldOutSeed = 0;

/**
 * The data of a cell. Held-out sequences depend on the length alone, so that
 * all models and seeds are scored on the same; training sequences on length
 * and seed, so that all models of one seed are trained on the same.
 */
export function sortingData(length: number, seed: number, heldOutSequences: number): SortingData {
  const heldOut = sortingTask({ seed: heldOutSeed, split: "test", length });
  return {
    train: sortingTask({ seed, split: "train", length }),
    heldOut: Array.from({ length: heldOutSequences }, (_, index) => heldOut.at(index)),
  };
}

/** SHA-256 of the held-out sequences with their answers, followed by the training sequences of the first step. */
export async function dataSha256({ train, heldOut }: SortingData, batchSize: number): Promise<string> {
  const first = Array.from({ length: batchSize }, (_, index) => train.at(index));
  return tokensSha256([...heldOut, ...first].flatMap(({ sequence, target }) => [sequence, target]));
}
