export {
  continuousAttention,
  expectedBasis,
  initContinuousAttention,
  klToPrior,
} from "@infinite-former/attention";
export { activateBackend, inspectBackends } from "@infinite-former/backend";
export {
  characterVocabulary,
  contiguousBatches,
  encode,
  sortingExample,
  sortingTask,
  sortTarget,
} from "@infinite-former/datasets";
export {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  evaluate,
  fromBytes,
  type LongTermMemory,
  type MemoryPlan,
  toBytes,
} from "@infinite-former/memory";
export { createRng, type Rng, restoreRng } from "@infinite-former/random";
export { fitContracted, fitSegment, type GaussianBasis, gaussianBasis } from "@infinite-former/signal";
export { countParameters, disposeTree, registerGradients } from "@infinite-former/tensor";
export {
  adamWOptimizer,
  createTrainStep,
  crossEntropy,
  perplexity,
  TrainingLoop,
  valueAndGrad,
} from "@infinite-former/training";
export {
  type CompressiveState,
  type CompressiveTransformer,
  compressivePresets,
  compressiveTransformer,
  createCompressiveTransformer,
  createInfiniteFormer,
  createTransformerXl,
  disposeCompressiveTransformer,
  disposeInfiniteFormer,
  disposeTransformerXl,
  forward,
  generate,
  type InfiniteFormer,
  infiniteFormer,
  initialState,
  read,
  resetRows,
  type TransformerState,
  type TransformerXl,
  transformerXl,
} from "@infinite-former/transformer";
