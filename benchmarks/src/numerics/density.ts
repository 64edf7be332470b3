import { expectedBasis } from "@infinite-former/attention";
import {
  erf,
  expectedGaussianBasis,
  expectedParabolaBasis,
  type GaussianBasis,
  gaussianBasis,
  type LocationScaleFamily,
  normalDensity,
  parabolaHalfWidth,
} from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import { type Figure, relativeError } from "./figure.js";

const f = Math.fround;
const basis = gaussianBasis({ count: 128, widths: [0.01, 0.05] });
const mean = f(0.6180339887);
const variances = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6].map(f);

/**
 * `∂r/∂σ²` of continuous softmax: through the canonical parameters in float32,
 * as the authors' backward pass, and by `expectedBasis` on this backend.
 */
export function canonicalFigures(): Figure[] {
  return variances.map((variance) => {
    const want = expectedGaussianBasis(mean, variance, basis).byVariance;
    return {
      quantity: "∂r/∂σ², continuous softmax",
      setting: `σ² = ${variance.toPrecision(1)}`,
      plain: relativeError(throughCanonical(variance), want),
      ours: relativeError(gradient(variance, "gaussian", want), want),
    };
  });
}

/** r of continuous sparsemax and its derivative: the closed form in float32, and `expectedBasis`. */
export function parabolaFigures(): Figure[] {
  return variances.map((variance) => {
    const want = expectedParabolaBasis(mean, variance, basis).value;
    return {
      quantity: "r, continuous sparsemax",
      setting: `σ² = ${variance.toPrecision(1)}`,
      plain: relativeError(closedForm(variance), want),
      ours: relativeError(value(variance, "truncated-parabola"), want),
    };
  });
}

function value(variance: number, density: LocationScaleFamily): Float32Array {
  return tf.tidy(() =>
    expectedBasis(tf.tensor1d([mean]), tf.tensor1d([variance]), basis, density).dataSync<"float32">(),
  );
}

/** Each function's derivative by σ², from one copy of the density a function. */
function gradient(
  variance: number,
  density: LocationScaleFamily,
  { length }: ArrayLike<number>,
): Float32Array {
  return tf.tidy(() => {
    const means = tf.fill([length], mean);
    const own = (variances: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(expectedBasis(means, variances, basis, density), tf.eye(length)));
    return tf
      .grad(own)(tf.fill([length], variance))
      .dataSync<"float32">();
  });
}

/** `∂r/∂σ² = (½ J₂ − μ J₁)/σ⁴` with `J = E[φψ] − E[φ] E[ψ]`, every number a float32. */
function throughCanonical(variance: number): Float32Array {
  const [first, second] = [f(mean / variance), f(-0.5 / variance)];
  const spread = f(-0.5 / second);
  const middle = f(first * spread);
  return Float32Array.from({ length: basis.count }, (_, j) => {
    const { center, square } = functionOf(basis, j);
    const total = f(spread + square);
    const distance = f(middle - center);
    const r = f(Math.exp(f(f(-0.5 * f(distance * distance)) / total)) / Math.sqrt(f(f(2 * Math.PI) * total)));
    const m = f(f(f(center * spread) + f(middle * square)) / total);
    const v = f(f(spread * square) / total);
    const byFirst = f(f(r * m) - f(middle * r));
    const bySecond = f(f(r * f(f(m * m) + v)) - f(f(f(middle * middle) + spread) * r));
    return f(f(f(0.5 * bySecond) - f(mean * byFirst)) / f(variance * variance));
  });
}

/** `[(a² − D²)ΔΦ − …]/(2σ²)`: the moments of ψ on the support, every number a float32. */
function closedForm(variance: number): Float32Array {
  const half = f(parabolaHalfWidth(variance));
  return Float32Array.from({ length: basis.count }, (_, j) => {
    const { center, square, width } = functionOf(basis, j);
    const distance = f(center - mean);
    const low = f(f(-half - distance) / width);
    const high = f(f(half - distance) / width);
    const cdf = (z: number): number => f(f(1 + f(erf(f(z * f(Math.SQRT1_2))))) / 2);
    const bell = (z: number): number => f(normalDensity(z, 0, 1));
    const mass = f(cdf(high) - cdf(low));
    const firstMoment = f(bell(low) - bell(high));
    const secondMoment = f(mass + f(f(low * bell(low)) - f(high * bell(high))));
    const flat = f(f(f(half * half) - f(distance * distance)) * mass);
    const tilted = f(f(f(2 * distance) * width) * firstMoment);
    return f(f(f(flat - tilted) - f(square * secondMoment)) / f(2 * variance));
  });
}

function functionOf({ centers, widths }: GaussianBasis, j: number) {
  const width = f(widths[j] as number);
  return { center: f(centers[j] as number), width, square: f(width * width) };
}
