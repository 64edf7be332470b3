import type { FourierBasis, LocationScaleFamily } from "@infinite-former/signal";
import { fractionalTurns, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { besselRatio } from "./bessel-ratio.js";
import type { Expectation, PlaceAndScale } from "./expectation.js";
import type { TensorKernel } from "./tensor-kernel.js";

/**
 * `E[cos ωt] = χ(ωs) cos ωμ`, and the same for the sine, with the kernel's
 * characteristic function χ; `∂/∂σ² = −ω² (s ds/dσ²) (−χ′(z)/z) cos ωμ`.
 */
export function fourierExpectation(
  kernel: TensorKernel,
  { count, period, frequencies }: FourierBasis,
  family: LocationScaleFamily,
): Expectation {
  const row = (values: ArrayLike<number>): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));
  const omegas = (): tf.Tensor1D => row(Array.from(frequencies, (k) => (2 * Math.PI * k) / period));
  const sizes = (): tf.Tensor1D => row(Array.from(frequencies, (k) => (k === 0 ? 1 : Math.SQRT2)));
  /** In turns: a sine is a cosine a quarter later. */
  const shifts = (): tf.Tensor1D =>
    row(Array.from({ length: count }, (_, j) => (j > 0 && j % 2 === 0 ? 0.25 : 0)));
  const phase = ({ mean }: PlaceAndScale): tf.Tensor =>
    tf.mul(tf.sub(fractionalTurns(tf.mul(mean, 1 / period), frequencies), shifts()), 2 * Math.PI);
  const spread = ({ variance }: PlaceAndScale): tf.Tensor => tf.mul(kernel.scale(variance), omegas());
  return {
    value: (densities) =>
      tf.tidy(() => tf.mul(tf.mul(tf.cos(phase(densities)), sizes()), chi(family, spread(densities)))),
    derivatives: (densities) =>
      tidyTree(() => {
        const [angle, z] = [phase(densities), spread(densities)];
        const sized = tf.mul(omegas(), sizes());
        const lift = kernel.lift(kernel.scale(densities.variance));
        const down = tf.mul(tf.mul(tf.mul(sized, omegas()), fall(family, z)), lift);
        return {
          byMean: tf.neg(tf.mul(tf.mul(sized, chi(family, z)), tf.sin(angle))),
          byVariance: tf.neg(tf.mul(down, tf.cos(angle))),
        };
      }),
  };
}

function chi(family: LocationScaleFamily, z: tf.Tensor): tf.Tensor {
  if (family === "gaussian") return tf.exp(tf.mul(tf.square(z), -0.5));
  return besselRatio(family === "biweight" ? 2 : 1, z);
}

/** `−χ′(z)/z` */
function fall(family: LocationScaleFamily, z: tf.Tensor): tf.Tensor {
  if (family === "gaussian") return chi(family, z);
  return family === "biweight" ? tf.mul(besselRatio(3, z), 1 / 7) : tf.mul(besselRatio(2, z), 1 / 5);
}
