import { type BsplineBasis, type BsplineBasisConfig, bsplineBasis } from "./bspline-basis.js";
import { checkOneOf } from "./config-error.js";
import { type FourierBasis, type FourierBasisConfig, fourierBasis } from "./fourier-basis.js";
import { type GaussianBasis, type GaussianBasisConfig, gaussianBasis } from "./gaussian-basis.js";
import { type LegendreBasis, type LegendreBasisConfig, legendreBasis } from "./legendre-basis.js";
import { type RectangularBasis, type RectangularBasisConfig, rectangularBasis } from "./rectangular-basis.js";

/**
 * N functions of a position in which a signal is written, one of five kinds.
 * Everything that takes a basis takes any of them; `kind` tells which it is.
 */
export type Basis = GaussianBasis | RectangularBasis | FourierBasis | LegendreBasis | BsplineBasis;

/** What describes a basis completely, as JSON. */
export type BasisConfig =
  | ({ readonly kind: "gaussian" } & GaussianBasisConfig)
  | RectangularBasisConfig
  | FourierBasisConfig
  | LegendreBasisConfig
  | BsplineBasisConfig;

/** Name of a kind of basis. */
export type BasisKind = Basis["kind"];

/** Every kind. */
export const basisKinds: readonly BasisKind[] = Object.freeze([
  "gaussian",
  "rectangular",
  "fourier",
  "legendre",
  "bspline",
]);

/**
 * The basis that a configuration describes.
 *
 * @returns the basis; its arrays are not to be written to
 * @throws {ConfigError} `ERR_CONFIG` with the path of the first field that is out of range.
 * @example
 * createBasis({ kind: "bspline", count: 64 });
 */
export function createBasis(config: BasisConfig): Basis {
  checkOneOf("createBasis", "kind", config.kind, basisKinds);
  switch (config.kind) {
    case "gaussian":
      return gaussianBasis(config);
    case "rectangular":
      return rectangularBasis(config);
    case "fourier":
      return fourierBasis(config);
    case "legendre":
      return legendreBasis(config);
    case "bspline":
      return bsplineBasis(config);
  }
}
