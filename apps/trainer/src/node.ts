export { Runner, type RunnerGenerateOptions, type RunnerOptions, type RunnerReadOptions } from "./runner.js";
export { RunnerError } from "./runner-error.js";
