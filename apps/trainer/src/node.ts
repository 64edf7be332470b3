export { Runner } from "./runner.js";
export { RunnerError } from "./runner-error.js";
export type {
  RunnerBatchOptions,
  RunnerGenerateOptions,
  RunnerOptions,
  RunnerReadOptions,
  RunnerWriteOptions,
} from "./runner-options.js";
