import { errorCode, TrainingError } from "./errors.js";

/**
 * Saves a checkpoint of a run under way: where that fails, training has failed
 * and nothing that was given is wrong.
 *
 * @throws {TrainingError} `ERR_TRAINING` with what the save says of path and remedy.
 */
export async function savingCheckpoint(save: () => Promise<void>): Promise<void> {
  try {
    await save();
  } catch (error) {
    if (errorCode(error) !== "ERR_CHECKPOINT") throw error;
    throw new TrainingError((error as Error).message, { cause: error });
  }
}
