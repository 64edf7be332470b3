import {
  type ContinuousAttentionOptions,
  continuousAttention,
  initContinuousAttention,
  resolveContinuousAttentionConfig,
} from "@infinite-former/attention";
import { createMemoryPlan } from "@infinite-former/memory";
import { createRng, normals } from "@infinite-former/random";
import { disposeTree, hasKernel, linear, mapTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { prepareLongTermReading, readLongTerm } from "./long-term-reading.js";

const fused = "InfiniteFormerDensityReading";

type Options = ContinuousAttentionOptions & { readonly batch: number };

const small: Options = {
  batch: 2,
  heads: 3,
  headSize: 5,
  modelSize: 12,
  basisCount: 8,
  basisWidths: [0.05, 0.2],
};

/** Heads narrower than a vector, wider, and of whole ones; a floor that holds; one task and many. */
const kernelCases: readonly Options[] = [
  { ...small, batch: 1, heads: 1, headSize: 1, basisCount: 2 },
  { ...small, affineBias: true },
  { ...small, heads: 2, headSize: 16, varianceFloor: 0.7 },
  { ...small, batch: 4, heads: 6, headSize: 50, modelSize: 64, basisCount: 130, basisWidths: [0.01, 0.05] },
];

const cases: readonly Options[] = [
  ...kernelCases,
  { ...small, density: "truncated-parabola", affineBias: true },
  { ...small, densityFrom: "moments" },
];

/** What `continuousAttention` and a prepared reading give for the same queries. */
function bothReadings({ batch, ...options }: Options, seed: number) {
  const config = resolveContinuousAttentionConfig(options);
  const { heads, headSize, modelSize, basisCount: count, basisWidths } = config;
  const rng = createRng(seed);
  const initial = initContinuousAttention(config, rng);
  const params = mapTree(initial, (x, path) => tf.tensor(normals(rng.split(path), x.size, 0, 0.3), x.shape));
  disposeTree(initial);
  const plan = createMemoryPlan({ basisCount: count, basisWidths });
  const width = heads * headSize;
  const drawn = normals(rng.split("queries"), batch * (width + 4));
  const result = tf.tidy(() => {
    const queries = tf.tensor2d(drawn, [batch, width + 4]); // what follows the queries is not read
    const coefficients = tf.tensor3d(normals(rng.split("signal"), batch * count * modelSize), [
      batch,
      count,
      modelSize,
    ]);
    const own: tf.Tensor4D = tf.reshape(tf.slice(queries, [0, 0], [batch, width]), [
      batch,
      heads,
      1,
      headSize,
    ]);
    const want = continuousAttention(params, config, { queries: own, coefficients });
    const prepared = prepareLongTermReading(params, config, coefficients);
    const before = tf.memory().numTensors;
    const got = readLongTerm(prepared, config, plan.basis, queries, 1 / Math.sqrt(headSize));
    expect(tf.memory().numTensors).toBe(before + 3);
    const { mean, variance } = got.density;
    expect([mean.shape, variance.shape]).toEqual([want.mean.shape, want.variance.shape]);
    const values = (x: readonly tf.Tensor[]) => x.map((y) => y.dataSync() as Float32Array);
    return {
      got: values([linear(params.output, got.context), mean, variance]),
      want: values([want.context, want.mean, want.variance]),
    };
  });
  plan.dispose();
  disposeTree(params);
  return result;
}

const parts = ["context", "mean", "variance"];

function expectSame(got: readonly Float32Array[], want: readonly Float32Array[]): void {
  got.forEach((own, i) => {
    const other = want[i] as Float32Array;
    const largest = other.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expectClose(own, other, { abs: 1e-5 * largest, rel: 2e-5, name: parts[i] as string });
  });
}

describe("readLongTerm", () => {
  it.each(cases)("has the numbers of `continuousAttention`: %o", (options) => {
    const { got, want } = bothReadings(options, 3);
    expectSame(got, want);
  });

  it("has the numbers of the composed form where it is one kernel", ({ skip }) => {
    if (!hasKernel(fused)) skip("this backend has no fused reading");
    for (const options of kernelCases) {
      const { got } = bothReadings(options, 4);
      expect(bothReadings(options, 4).got).toEqual(got);
      const kernel = tf.getKernel(fused, "tensorflow") as tf.KernelConfig;
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
      try {
        expectSame(got, bothReadings(options, 4).got);
      } finally {
        tf.registerKernel(kernel);
      }
    }
  });

  it("refuses shapes that do not fit where it is one kernel, and leaves no tensors behind", ({ skip }) => {
    if (!hasKernel(fused)) skip("this backend has no fused reading");
    const [batch, heads, size, count] = [2, 3, 4, 6];
    const good = {
      queries: tf.zeros([batch, heads * size]),
      directions: tf.zeros([batch, heads, size, 2]),
      values: tf.zeros([batch, heads, count, size]),
      centers: tf.zeros([count]),
      widths: tf.ones([count]),
    };
    const [three, few, flat] = [tf.zeros([3]), tf.zeros([batch, 11]), tf.zeros([batch, heads, size])];
    const before = tf.memory().numTensors;
    const refusal = (change: tf.NamedTensorMap) => () =>
      tf.engine().runKernel(fused, { ...good, ...change }, { scale: 1, floor: 0 });
    expect(refusal({ queries: few })).toThrow(
      "queries must have shape [batch, heads * size or more], got [2, 11]",
    );
    expect(refusal({ directions: flat })).toThrow(
      "directions must have shape [batch, heads, size, 2], got [2, 3, 4]",
    );
    expect(refusal({ bias: three })).toThrow("bias must have shape [2], got [3]");
    expect(refusal({ widths: three })).toThrow("centres and widths must have shape [basis], got [6] and [3]");
    expect(refusal({ values: flat })).toThrow(
      "values must have shape [batch, heads, basis, size], got [2, 3, 4]",
    );
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([good, three, few, flat]);
  });
});
