export { backendOption, collect, decimal, positiveInteger, wholeNumber } from "./arguments.js";
export { assignSettings, settingAt, settingPaths } from "./assign-settings.js";
export { splitAssignment, valueLike } from "./assignment.js";
export { removePartials, writeFileAtomically } from "./atomic-file.js";
export { type ActiveBackend, takeBackend } from "./backend.js";
export type { CommandCall, CommonOptions } from "./call.js";
export { type Compiled, type Compiler, eager } from "./compiler.js";
export { dataFolder, dataVariable } from "./data-folder.js";
export {
  describeError,
  errorCode,
  exitCodeOf,
  systemReason,
  TrainingError,
  UsageError,
  withoutFunction,
} from "./errors.js";
export { type ConfigFault, ConfigFaultsError, didYouMean, shown } from "./faults.js";
export { forecast } from "./forecast.js";
export { hashFiles } from "./hash-files.js";
export { type Io, notice, processIo, result, resultJson } from "./io.js";
export { lockName, lockRun, type RunLock } from "./lock.js";
export { describeMachine, describeVersions } from "./machine.js";
export {
  type ParsedOptions,
  type ProgramBuilder,
  type ProgramName,
  runProgram,
  type VerbAction,
} from "./program.js";
export { duration, type Progress, startProgress } from "./progress.js";
export { readAtMost } from "./read-at-most.js";
export { runsFolder } from "./runs-folder.js";
export { savingCheckpoint } from "./saving-checkpoint.js";
export { describeDifferences, type SettingDifference, settingDifferences } from "./setting-differences.js";
export {
  breathe,
  listenForStops,
  type StopRequests,
  type StopSignal,
  stopCode,
  stopSignals,
} from "./signals.js";
export { packageVersion } from "./version.js";
export { workspaceRoot } from "./workspace-root.js";
