import { UsageError } from "@infinite-former/command-line";
import type { RunDirectory } from "./run-directory.js";

/**
 * What is said of a run of which every checkpoint is damaged. Nothing begins
 * it anew unasked: that would throw the run away.
 */
export function noWholeCheckpoint({
  path,
  checkpoints,
}: Pick<RunDirectory, "path" | "checkpoints">): UsageError {
  return new UsageError(
    `${path}: has no whole checkpoint to go on from; remove ${checkpoints}, and train --resume ${path} begins it anew from its config.json`,
  );
}
