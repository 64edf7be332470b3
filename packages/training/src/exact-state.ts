import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type CheckpointState, stateFileName } from "./checkpoint-state.js";
import { CheckpointError } from "./errors.js";

/**
 * Checks that a checkpoint has the random state and the data position of its step:
 * from others a run goes on, but not as it would have.
 *
 * @param path of the checkpoint.
 * @param wanted JSON, compared by value.
 * @throws {CheckpointError} `ERR_CHECKPOINT` naming the field that says something else.
 */
export function assertExactState(
  path: string,
  state: CheckpointState,
  wanted: Partial<Pick<CheckpointState, "random" | "data">>,
): void {
  for (const field of ["random", "data"] as const) {
    if (!(field in wanted) || isDeepStrictEqual(state[field], wanted[field])) continue;
    const problem = `${field} must be ${JSON.stringify(wanted[field])}, got ${JSON.stringify(state[field])}`;
    throw inexactState(path, problem);
  }
}

/** What is said of a checkpoint from which a run would not go on as it would have. @param problem the field of its state, and what it must be. */
export function inexactState(path: string, problem: string): CheckpointError {
  const file = join(path, stateFileName);
  return new CheckpointError(
    `loadCheckpoint: ${file}: ${problem}; the run cannot be continued exactly from it, use an earlier checkpoint`,
    { file },
  );
}
