export {
  type ActivateOptions,
  type FusedActivation,
  fusedActivation,
  hasFusedActivation,
} from "./activate.js";
export { hasKernel, isNative } from "./backend.js";
export { batchMatMul } from "./batch-mat-mul.js";
export { concatRows, takeRows } from "./batch-rows.js";
export { cardinalSpline } from "./cardinal-spline.js";
export { stopGradient, type WithGradient, withGradient } from "./custom-gradient.js";
export { dropout, seededUniform } from "./dropout.js";
export { embed } from "./embed.js";
export { erf } from "./erf.js";
export { ConfigError, IndexError, ShapeError } from "./errors.js";
export { floorAt } from "./floor-at.js";
export { fractionalTurns } from "./fractional-turns.js";
export { geluErf, geluTanh } from "./gelu.js";
export { registerGradients } from "./gradients/register.js";
export { initNormal, initUniform, ones, zeros } from "./initialise.js";
export { addLayerNorm, initLayerNorm, type LayerNormParams, layerNorm } from "./layer-norm.js";
export { type LegendreFunction, legendreFunctions } from "./legendre-functions.js";
export {
  addBias,
  initLinear,
  initUniformLinear,
  type LinearConfig,
  type LinearParams,
  linear,
} from "./linear.js";
export { additiveSoftmax, maskedSoftmax, maskToBias } from "./masked-softmax.js";
export { type RowLinearOptions, rowLinear } from "./row-linear.js";
export { scatterRows } from "./scatter-rows.js";
export { type AxisNames, assertSameShape, assertShape, type Shaped } from "./shape.js";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.js";
export { sumRows, sumToShape } from "./sum-to-shape.js";
export { tidyTree } from "./tidy-tree.js";
export {
  assertTreesMatch,
  cloneTree,
  countParameters,
  disposeTree,
  keepTree,
  type Leaf,
  leaves,
  mapTree,
  type Tree,
  treeFromLeaves,
  unflatten,
  zerosLikeTree,
} from "./tree.js";
