import { type Io, notice, withoutFunction } from "@infinite-former/command-line";
import { assertExactState, type CheckpointState, findNewestCheckpoint } from "@infinite-former/training/node";
import { noWholeCheckpoint } from "../run/no-whole-checkpoint.js";
import { RunDirectory } from "../run/run-directory.js";
import { assertContinues, type Origin } from "./continuation.js";
import type { PreparedRun } from "./prepare.js";
import { type SessionOptions, trainingBatches } from "./session.js";
import { cursorOf } from "./task.js";

/** Where a resumed run goes on. */
export interface ResumePoint {
  /** Folder of the checkpoint. */
  readonly path: string;
  readonly step: number;
}

/**
 * The newest whole checkpoint of a run that is resumed, checked to be what its
 * configuration and text go on from. Damaged newer ones are named.
 *
 * @returns `null` for a new run, and where there is no checkpoint yet.
 * @throws {UsageError} `ERR_USAGE` where all are damaged (beginning anew would
 *   throw the run away unasked), or with what differs; {CheckpointError}
 *   `ERR_CHECKPOINT` where the random state or the data position is another.
 */
export async function resumePoint(
  io: Io,
  { resumed, config, allowChange }: PreparedRun,
  tokens: SessionOptions["tokens"],
  origin: Origin,
): Promise<ResumePoint | null> {
  if (resumed === null) return null;
  const newest = await newestOf(io, RunDirectory.open(resumed.directory));
  if (newest === null) return null;
  const { path, step, state } = newest;
  const changed = assertContinues(path, state, { config, origin, allowChange });
  if (changed.length === 0) {
    assertExactState(path, state, { data: cursorOf(trainingBatches(config, tokens), step) });
  }
  return { path, step };
}

async function newestOf(
  io: Io,
  directory: RunDirectory,
): Promise<(ResumePoint & { readonly state: CheckpointState }) | null> {
  const { newest, passedOver } = await findNewestCheckpoint(directory.checkpoints);
  for (const { path: damaged, reason } of passedOver)
    notice(io, `${damaged} is passed over: ${withoutFunction(reason)}`);
  if (newest === null && passedOver.length > 0) throw noWholeCheckpoint(directory);
  if (newest === null) notice(io, `${directory.path}: has no checkpoint; starting from its config.json`);
  return newest;
}
