import { createRng, uniforms } from "@infinite-former/random";
import { gaussianBasis, type LocationScaleFamily } from "@infinite-former/signal";
import { hasKernel } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { readOut } from "./read-out.js";

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly size: number;
  readonly centers: number;
  readonly widths: readonly number[];
}

const cases: readonly Sizes[] = [
  { batch: 1, heads: 1, queries: 1, size: 1, centers: 1, widths: [0.3] },
  { batch: 2, heads: 3, queries: 7, size: 5, centers: 9, widths: [0.05, 0.2, 0.4] },
  { batch: 2, heads: 2, queries: 101, size: 33, centers: 65, widths: [0.01, 0.05] },
  { batch: 1, heads: 1, queries: 50, size: 130, centers: 300, widths: [0.01, 0.05] },
];

function draw(sizes: Sizes, seed: number) {
  const { batch, heads, queries, size, centers, widths } = sizes;
  const rng = createRng(seed);
  const basis = gaussianBasis({ count: centers * widths.length, widths: [...widths] });
  const places = batch * heads * queries;
  return {
    basis,
    mean: uniforms(rng, places, -0.1, 1.1),
    // From narrower than every basis function to wider than the signal.
    variance: uniforms(rng, places, Math.log(1e-6), 0).map(Math.exp),
    values: uniforms(rng, batch * basis.count * heads * size, -1, 1),
    cotangent: uniforms(rng, places * size, -1, 1),
  };
}

type Drawn = ReturnType<typeof draw>;

/** Value and gradients by the formulas in float64, element by element. */
function byDefinition({ batch, heads, queries, size }: Sizes, x: Drawn) {
  const { centers, widths, count } = x.basis;
  const value = new Float64Array(x.cotangent.length);
  const [dMean, dVariance] = [new Float64Array(x.mean.length), new Float64Array(x.mean.length)];
  const dValues = new Float64Array(x.values.length);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < queries; i++) {
        const place = (b * heads + h) * queries + i;
        const row = ((b * queries + i) * heads + h) * size;
        for (let j = 0; j < count; j++) {
          const total = (x.variance[place] as number) + (widths[j] as number) ** 2;
          const distance = (x.mean[place] as number) - (centers[j] as number);
          const r = Math.exp((-0.5 * distance ** 2) / total) / Math.sqrt(2 * Math.PI * total);
          const from = ((b * count + j) * heads + h) * size;
          let share = 0;
          for (let d = 0; d < size; d++) {
            const [v, c] = [x.values[from + d] as number, x.cotangent[row + d] as number];
            value[row + d]! += r * v;
            dValues[from + d]! += r * c;
            share += v * c;
          }
          dMean[place]! -= (share * r * distance) / total;
          dVariance[place]! += (share * r * (distance ** 2 / total - 1)) / (2 * total);
        }
      }
    }
  }
  return { value, dMean, dVariance, dValues };
}

function tensors({ batch, heads, queries, size }: Sizes, x: Drawn) {
  return {
    mean: tf.tensor3d(x.mean, [batch, heads, queries]),
    variance: tf.tensor3d(x.variance, [batch, heads, queries]),
    values: tf.tensor4d(x.values, [batch, x.basis.count, heads, size]),
    cotangent: tf.tensor4d(x.cotangent, [batch, queries, heads, size]),
  };
}

function valueAndGradients(sizes: Sizes, x: Drawn, family: LocationScaleFamily = "gaussian") {
  return tf.tidy(() => {
    const t = tensors(sizes, x);
    const read = (m: tf.Tensor, s: tf.Tensor, v: tf.Tensor) =>
      readOut(family, m as tf.Tensor3D, s as tf.Tensor3D, v as tf.Tensor4D, x.basis);
    const value = read(t.mean, t.variance, t.values);
    const slopes = tf.grads(read)([t.mean, t.variance, t.values], t.cotangent);
    expect([value.shape, ...slopes.map(({ shape }) => shape)]).toEqual(
      [t.cotangent, t.mean, t.variance, t.values].map(({ shape }) => shape),
    );
    const [dMean, dVariance, dValues] = slopes.map((slope) => slope.dataSync() as Float32Array);
    return { value: value.dataSync() as Float32Array, dMean, dVariance, dValues };
  });
}

const largest = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => Math.max(a, Math.abs(b)), 0);

describe("readOut", () => {
  it("equals the formulas in float64, gradients too, at any size", () => {
    for (const sizes of cases) {
      const x = draw(sizes, 7);
      const want = byDefinition(sizes, x);
      const got = valueAndGradients(sizes, x);
      for (const name of ["value", "dMean", "dVariance", "dValues"] as const) {
        // Sums whose terms are as large as the largest result, and exponents of some tens.
        const limit = { abs: 1e-5 * Math.max(1, largest(want[name])), rel: 2e-5 };
        expectClose(got[name] as Float32Array, want[name], { ...limit, name: `${name} at ${sizes.queries}` });
      }
    }
  });

  it("equals finite differences for both families", () => {
    const basis = gaussianBasis({ count: 6, widths: [0.2, 0.4] });
    const values = uniforms(createRng(4), 12, -1, 1);
    for (const family of ["gaussian", "truncated-parabola"] as const) {
      expectGradients(
        (mean, variance, v) =>
          readOut(family, mean as tf.Tensor3D, variance as tf.Tensor3D, v as tf.Tensor4D, basis),
        [
          { shape: [1, 2, 1], values: [0.3, 0.8] },
          { shape: [1, 2, 1], values: [0.2, 0.4] },
          { shape: [1, 6, 2, 1], values },
        ],
      );
    }
  });

  it("has the numbers of the composed form where it is one kernel", ({ skip }) => {
    const name = "InfiniteFormerReadOut";
    if (!hasKernel(name)) skip("this backend has no fused read-out");
    for (const sizes of cases) {
      const x = draw(sizes, 8);
      const got = valueAndGradients(sizes, x);
      const kernel = tf.getKernel(name, "tensorflow") as tf.KernelConfig;
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
      try {
        const want = valueAndGradients(sizes, x);
        for (const key of ["value", "dMean", "dVariance", "dValues"] as const) {
          const array = want[key] as Float32Array;
          const limit = { abs: 1e-5 * Math.max(1, largest(array)), rel: 2e-5 };
          expectClose(got[key] as Float32Array, array, { ...limit, name: `${key} at ${sizes.queries}` });
        }
      } finally {
        tf.registerKernel(kernel);
      }
    }
  });

  it("gives the same bits each time and leaves no tensors behind", () => {
    const sizes = cases[2] as Sizes;
    const x = draw(sizes, 9);
    const before = tf.memory().numTensors;
    const once = valueAndGradients(sizes, x);
    expect(valueAndGradients(sizes, x)).toEqual(once);
    expect(tf.memory().numTensors).toBe(before);
  });
});
