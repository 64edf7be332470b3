export { type CheckpointTrees, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export {
  readCheckpointState,
  type SavedCheckpoint,
  verifyCheckpoint,
  writeCheckpointFiles,
} from "./checkpoint-files.js";
export { checkpointSteps, cleanLeftovers } from "./checkpoint-folder.js";
export type { CheckpointState, FileRecord, StateFile } from "./checkpoint-state.js";
export { assertExactState, inexactState } from "./exact-state.js";
export {
  type FoundCheckpoint,
  findNewestCheckpoint,
  type KeptCheckpoints,
  type PassedOver,
  pruneCheckpoints,
} from "./find-checkpoint.js";
