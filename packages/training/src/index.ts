export {
  type AdamWConfig,
  type AdamWState,
  adamW,
  decays,
  defaultAdamWConfig,
  initAdamW,
  resolveAdamWConfig,
} from "./adamw.js";
export { clipByGlobalNorm, clipScale, globalNorm } from "./clip.js";
export { compileInParts, type DisposableCompile, type PrefixReading } from "./compile-in-parts.js";
export {
  bitsPerCharacter,
  type CrossEntropy,
  crossEntropy,
  ignoreTargets,
  perplexity,
} from "./cross-entropy.js";
export { CheckpointError, ConfigError, GradientError, NonFiniteError } from "./errors.js";
export { checkFinite, finiteFlag, firstNonFinite, type NonFinite } from "./finite.js";
export { addUpdate, type CurvePoint, emptyCurve, type LearningCurve } from "./learning-curve.js";
export {
  type Compile,
  type StepBatch,
  type StepReport,
  TrainingLoop,
  type TrainingLoopConfig,
  type TrainingProgress,
  type TrainingTrees,
} from "./loop.js";
export { nonFiniteCause, type StepInputs } from "./non-finite-cause.js";
export { adamWOptimizer, type Optimizer } from "./optimizer.js";
export { assertSchedule, learningRateAt, type ScheduleConfig } from "./schedule.js";
export {
  createTrainStep,
  type StepLoss,
  type StepResult,
  type StepTask,
  stepSeed,
  type TrainStep,
} from "./step.js";
export { decodeTree, encodeTree } from "./tree-file.js";
export {
  type LossAndAux,
  type LossAndGradients,
  type ValueAndGradOptions,
  valueAndGrad,
} from "./value-and-grad.js";
