export { type Basis, type BasisConfig, type BasisKind, basisKinds, createBasis } from "./basis.js";
export { type BasisJet, basisJet, cardinalSpline } from "./basis-jet.js";
export { basisMoments, localBases } from "./basis-moments.js";
export {
  type BasisFault,
  type BasisSettings,
  basisDefaults,
  basisFaults,
  basisFromSettings,
} from "./basis-settings.js";
export { biweightDensity, biweightHalfWidth } from "./biweight.js";
export {
  type BsplineBasis,
  type BsplineBasisConfig,
  bsplineBasis,
  splineDifferences,
} from "./bspline-basis.js";
export {
  canonicalJacobian,
  canonicalParameters,
  canonicalVjp,
  momentGradient,
  momentParameters,
} from "./canonical.js";
export { besselRatio, type Characteristic, characteristic } from "./characteristic.js";
export { ConfigError } from "./config-error.js";
export {
  type DensityKernel,
  densityKernel,
  type LocationScaleFamily,
  locationScaleDensity,
  locationScaleFamilies,
} from "./density-kernel.js";
export { designMatrix } from "./design-matrix.js";
export { type ExpectedBasis, expectedGaussianBasis } from "./expected-basis.js";
export { expectedByQuadrature } from "./expected-by-quadrature.js";
export { expectedParabolaBasis } from "./expected-parabola-basis.js";
export { expectedValues } from "./expected-values.js";
export { type ContractedFit, fitContracted, fitSegment, type Padding, type SegmentFit } from "./fit.js";
export { defaultPeriod, type FourierBasis, type FourierBasisConfig, fourierBasis } from "./fourier-basis.js";
export { gaussLegendre, type QuadratureRule } from "./gauss-legendre.js";
export { type GaussianBasis, type GaussianBasisConfig, gaussianBasis } from "./gaussian-basis.js";
export { type GibbsDensity, gibbsDensity } from "./gibbs.js";
export { type BinMassArgs, binEdges, binMass } from "./histogram.js";
export { type BinPlacement, sampleBins, stickyPositions } from "./inverse-cdf.js";
export { type KlToPrior, type KlToPriorArgs, klToPrior } from "./kl.js";
export { type LegendreBasis, type LegendreBasisConfig, legendreBasis } from "./legendre-basis.js";
export { type Matrix, matrix, multiply, multiplyTransposed, transpose } from "./matrix.js";
export { erf, erfc, intervalMass, normalCdf, normalDensity } from "./normal.js";
export { parabolaCanonicalJacobian, parabolaCanonicalVjp } from "./parabola-canonical.js";
export { parabolaMass } from "./parabola-mass.js";
export {
  type ContractedGrid,
  contractedPositions,
  type PositionGrid,
  paddedContractedPositions,
  paddedSegmentPositions,
  sampledPositions,
  segmentPositions,
} from "./positions.js";
export { integrate } from "./quadrature.js";
export { type QuadratureGrid, quadratureGrid } from "./quadrature-grid.js";
export {
  type RectangularBasis,
  type RectangularBasisConfig,
  rectangularBasis,
} from "./rectangular-basis.js";
export { NotPositiveDefiniteError, ridgeFit } from "./ridge.js";
export { multiplyByTransposed } from "./row-products.js";
export { coefficients, evaluateSignal } from "./signal.js";
export { parabolaDensity, parabolaHalfWidth } from "./truncated-parabola.js";
