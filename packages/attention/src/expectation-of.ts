import type { Basis, GaussianBasis, LocationScaleFamily } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import { bsplineExpectation } from "./bspline-expectation.js";
import { cellQuadrature } from "./cell-quadrature.js";
import type { Expectation } from "./expectation.js";
import { fourierExpectation } from "./fourier-expectation.js";
import { legendreExpectation } from "./legendre-expectation.js";
import { rectangularExpectation } from "./rectangular-expectation.js";
import { type TensorKernel, tensorKernel } from "./tensor-kernel.js";

/** Beyond so many widths a Gaussian function is 1e-9 of its peak. */
const WIDTHS = 6.5;

/** How the expected values of a basis under a family of densities are computed. */
export function expectationOf(basis: Basis, family: LocationScaleFamily): Expectation {
  const kernel = tensorKernel(family);
  switch (basis.kind) {
    case "gaussian":
      return gaussianExpectation(kernel, basis);
    case "rectangular":
      return rectangularExpectation(kernel, basis);
    case "fourier":
      return fourierExpectation(kernel, basis, family);
    case "legendre":
      return legendreExpectation(kernel, basis);
    case "bspline":
      return bsplineExpectation(kernel, basis, family !== "gaussian");
  }
}

/** Gaussian functions under any density, each as one cell of 13 widths with 24 points. */
function gaussianExpectation(kernel: TensorKernel, { centers, widths }: GaussianBasis): Expectation {
  return cellQuadrature(kernel, {
    cells: [{ centers, halves: widths.map((width) => WIDTHS * width), units: widths, offset: 0 }],
    shape: (y, derivative) => {
      const bell = tf.exp(tf.mul(tf.square(y), -0.5));
      if (derivative === 0) return bell;
      return derivative === 1 ? tf.mul(tf.neg(y), bell) : tf.mul(tf.sub(tf.square(y), 1), bell);
    },
    sizes: widths.map((width) => 1 / (width * Math.sqrt(2 * Math.PI))),
    borders: widths,
    points: 24,
  });
}
