import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { verifyCheckpoint } from "./checkpoint-files.js";
import { checkpointName, checkpointSteps, workNames } from "./checkpoint-folder.js";
import type { CheckpointState } from "./checkpoint-state.js";
import { CheckpointError, ConfigError } from "./errors.js";

/** A checkpoint that was not taken. */
export interface PassedOver {
  readonly path: string;
  readonly step: number;
  /** The error's message, naming the file. */
  readonly reason: string;
}

/** What `findNewestCheckpoint` found. */
export interface FoundCheckpoint {
  /** The newest whole checkpoint, or null if there is none. */
  readonly newest: { readonly path: string; readonly step: number; readonly state: CheckpointState } | null;
  /** Newer ones that are damaged or incomplete, newest first. Say so to the user. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * The newest checkpoint of which every file matches its checksum. Reads only.
 *
 * @param directory a run's `checkpoints` folder; a missing one has none.
 */
export async function findNewestCheckpoint(directory: string): Promise<FoundCheckpoint> {
  const passedOver: PassedOver[] = [];
  for (const step of await checkpointSteps(directory)) {
    const path = join(directory, checkpointName(step));
    try {
      const { state } = await verifyCheckpoint(path);
      return { newest: { path, step, state }, passedOver };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      passedOver.push({ path, step, reason: error.message });
    }
  }
  return { newest: null, passedOver };
}

/** Which checkpoints stay. */
export interface KeptCheckpoints {
  /** How many of the newest, ≥ 1. */
  readonly keep: number;
  /**
   * The step that was just saved: checkpoints of later steps are neither
   * counted nor deleted. They are damaged ones that a resumed run passed over,
   * and must not push out good ones.
   */
  readonly step?: number;
  /** Step of a checkpoint that stays in any case. */
  readonly best?: number | null;
}

/**
 * Deletes old checkpoints. One that is being deleted loses its name first, so
 * that half a checkpoint never stands under one.
 *
 * @returns the steps deleted.
 * @throws {ConfigError} `ERR_CONFIG` unless `keep` ≥ 1.
 */
export async function pruneCheckpoints(
  directory: string,
  { keep, step = Number.POSITIVE_INFINITY, best }: KeptCheckpoints,
): Promise<number[]> {
  if (!(Number.isSafeInteger(keep) && keep >= 1)) {
    throw new ConfigError(`pruneCheckpoints: keep must be an integer ≥ 1, got ${keep}`, "keep");
  }
  const counted = (await checkpointSteps(directory)).filter((one) => one <= step);
  const old = counted.slice(keep).filter((one) => one !== best);
  for (const one of old) {
    const nameless = join(directory, workNames(one).staging.replace(/partial$/, "deleted"));
    await rename(join(directory, checkpointName(one)), nameless);
    await rm(nameless, { recursive: true, force: true });
  }
  return old;
}
