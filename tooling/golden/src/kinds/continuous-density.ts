import { expectedBasis } from "@infinite-former/attention";
import type { ExpectedBasis, GaussianBasis, LocationScaleFamily, Matrix } from "@infinite-former/signal";
import { canonicalParameters, gaussianBasis } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { field, tensor } from "../fixture.js";

/** One density: the float64 functions that know it, and its name in the tensor code. */
export interface DensityFunctions {
  readonly family: LocationScaleFamily;
  expected(mean: number, variance: number, basis: GaussianBasis): ExpectedBasis;
  jacobian(mean: number, variance: number, basis: GaussianBasis): Matrix;
  vjp(
    mean: number,
    variance: number,
    basis: GaussianBasis,
    cotangent: ArrayLike<number>,
  ): readonly [number, number];
}

/** Compares `r = E_p[ψ]`, its Jacobian and products, in float64 and on the backend. */
export function checkContinuousDensity(
  fixture: Fixture,
  comparison: Comparison,
  density: DensityFunctions,
): void {
  for (const entry of field<Record<string, unknown>[]>(fixture, fixture.json, "cases")) {
    const prefix = field<string>(fixture, entry, "name");
    const basis = gaussianBasis({
      count: field(fixture, entry, "N"),
      widths: field(fixture, entry, "sigmas"),
    });
    const means = tensor(fixture, `${prefix}.mu`).data;
    const variances = tensor(fixture, `${prefix}.s2`).data;
    const cotangents = tensor(fixture, `${prefix}.g`).data;
    const plain = inFloat64(density, { means, variances, cotangents }, basis);
    comparison.check(`${prefix}.basis_mu64`, basis.centers, "float64");
    comparison.check(`${prefix}.basis_sigma64`, basis.widths, "float64");
    for (const [name, got] of Object.entries(plain)) comparison.check(`${prefix}.${name}`, got, "float64");

    tf.tidy(() => {
      const mean = tf.tensor1d(Float32Array.from(means));
      const variance = tf.tensor1d(Float32Array.from(variances));
      const weights = tf.tensor2d(Float32Array.from(cotangents), [means.length, basis.count]);
      const value = expectedBasis(mean, variance, basis, density.family);
      comparison.check(`${prefix}.r64`, value.dataSync(), "float32");
      const [byMean, byVariance] = tf.grads((m: tf.Tensor, v: tf.Tensor) =>
        tf.sum(tf.mul(expectedBasis(m, v, basis, density.family), weights)),
      )([mean, variance]) as [tf.Tensor, tf.Tensor];
      comparison.check(`${prefix}.grad_mu64`, byMean.dataSync(), "float32");
      comparison.check(`${prefix}.grad_s264`, byVariance.dataSync(), "float32");
    });
  }
}

function inFloat64(
  { expected, jacobian, vjp }: DensityFunctions,
  { means, variances, cotangents }: Readonly<Record<"means" | "variances" | "cotangents", Float64Array>>,
  basis: GaussianBasis,
): Record<string, number[]> {
  const out: Record<"theta64" | "r64" | "vjp_theta64" | "grad_mu64" | "grad_s264" | "jac_theta64", number[]> =
    {
      theta64: [],
      r64: [],
      vjp_theta64: [],
      grad_mu64: [],
      grad_s264: [],
      jac_theta64: [],
    };
  means.forEach((mean, i) => {
    const variance = variances[i] as number;
    const cotangent = cotangents.subarray(i * basis.count, (i + 1) * basis.count);
    const { value, byMean, byVariance } = expected(mean, variance, basis);
    const dot = (by: Float64Array): number => by.reduce((sum, d, j) => sum + d * (cotangent[j] as number), 0);
    out.theta64.push(...canonicalParameters(mean, variance));
    out.r64.push(...value);
    out.vjp_theta64.push(...vjp(mean, variance, basis, cotangent));
    out.grad_mu64.push(dot(byMean));
    out.grad_s264.push(dot(byVariance));
    out.jac_theta64.push(...jacobian(mean, variance, basis).data);
  });
  return out;
}
