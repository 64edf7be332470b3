export { type AffineDensityInput, affineDensity } from "./affine-density.js";
export {
  type ContinuousAttentionConfig,
  type ContinuousAttentionOptions,
  defaultContinuousAttentionConfig,
  resolveContinuousAttentionConfig,
} from "./config.js";
export {
  type ContinuousAttentionInput,
  type ContinuousAttentionOutput,
  type ContinuousAttentionParams,
  continuousAttention,
  initContinuousAttention,
} from "./continuous-attention.js";
export type { Density, DensityFamily } from "./density.js";
export { expectedBasis } from "./expected-basis.js";
export { type KlToPriorInput, klToPrior } from "./kl.js";
export { momentDensity } from "./moment-density.js";
