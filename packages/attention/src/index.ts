export { type AffineDensityInput, affineDensity } from "./affine-density.js";
export { scoreMaps } from "./affine-scores.js";
export {
  type ContinuousAttentionConfig,
  type ContinuousAttentionOptions,
  defaultContinuousAttentionConfig,
  densityDefaults,
  resolveContinuousAttentionConfig,
} from "./config.js";
export {
  type ContinuousAttentionInput,
  type ContinuousAttentionOutput,
  type ContinuousAttentionParams,
  continuousAttention,
  initContinuousAttention,
} from "./continuous-attention.js";
export {
  type AttentionDensity,
  type Density,
  type DensityFamily,
  densityFamilies,
  type MixtureComponents,
} from "./density.js";
export { densityFromScores } from "./density-from-scores.js";
export { densityPenalty } from "./density-penalty.js";
export { densityReadOut } from "./density-read-out.js";
export { expectedBasis } from "./expected-basis.js";
export { gibbsDensity, klToUniform } from "./gibbs-density.js";
export { type KlToPriorInput, klToPrior } from "./kl.js";
export { type MixtureScores, mixtureDensity } from "./mixture-density.js";
export { momentDensity } from "./moment-density.js";
