import { describeDifferences, settingDifferences, UsageError } from "@infinite-former/command-line";
import { assertExactState, type CheckpointState } from "@infinite-former/training/node";
import type { RunRecord } from "./run-record.js";

/** What a run is made of beside its settings and its seed: in the notes of its checkpoints. */
export type Origin = Pick<RunRecord, "model" | "dataSha256" | "tokenizerSha256">;

/** What is kept of a run's record in its checkpoints. */
export function originOf({ model, dataSha256, tokenizerSha256 }: RunRecord): Origin {
  return { model, dataSha256, ...(tokenizerSha256 === undefined ? {} : { tokenizerSha256 }) };
}

/** The data position of a step. */
export function positionOf(step: number, batchSize: number): { readonly responses: number } {
  return { responses: step * batchSize };
}

/**
 * Checks that a checkpoint is of the run whose record stands in `config.json`,
 * which may have been edited since, and has the random state and the data
 * position of its step.
 *
 * @param path of the checkpoint.
 * @throws {UsageError} `ERR_USAGE` with every difference; {CheckpointError}
 *   `ERR_CHECKPOINT` naming the field that is not that of its step.
 */
export function assertOwn(path: string, state: CheckpointState, record: RunRecord): void {
  const { config, seed } = record;
  const own = fieldsOf(fieldsOf(state.notes)["origin"]);
  const saved = { seed: fieldsOf(state.random)["seed"], ...own, config: state.config };
  const noted = Object.entries(originOf(record)).filter(([field]) => field in own);
  const changed = settingDifferences(saved, { seed, ...Object.fromEntries(noted), config });
  if (changed.length > 0) {
    throw new UsageError(
      `${path}: was trained with another config.json:\n${describeDifferences(changed)}\n` +
        "  give these back their values there, or begin a new run",
    );
  }
  const { step } = state;
  assertExactState(path, state, {
    random: { seed, step },
    data: positionOf(step, config.training.batchSize),
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
