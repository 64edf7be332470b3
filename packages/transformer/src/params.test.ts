import { createRng } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type InfiniteFormerOptions, resolveInfiniteFormerConfig } from "./config.js";
import { initTransformer } from "./params.js";

const options: InfiniteFormerOptions = {
  vocabularySize: 90,
  layers: 2,
  modelSize: 48,
  heads: 4,
  headSize: 20,
  innerSize: 96,
  segmentLength: 8,
  shortTermLength: 8,
  longTerm: { basisCount: 60, gate: false },
};

/** Root mean square of each parameter whose name ends as one of `names`, by its path. */
function sizes(change: Partial<InfiniteFormerOptions>): Map<string, { rms: number; count: number }> {
  const params = initTransformer(resolveInfiniteFormerConfig({ ...options, ...change }), createRng(3));
  const found = new Map(
    leaves(params).map(({ path, tensor }: { path: string; tensor: tf.Tensor }) => {
      const values = Float32Array.from(tensor.dataSync());
      const rms = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
      return [path, { rms, count: values.length }];
    }),
  );
  disposeTree(params);
  return found;
}

/** Expects each named parameter's deviation, within four of the estimate's own. */
function expectDeviations(
  change: Partial<InfiniteFormerOptions>,
  want: Readonly<Record<string, number>>,
): void {
  const found = sizes(change);
  for (const [path, deviation] of Object.entries(want)) {
    const { rms, count } = found.get(path) as { rms: number; count: number };
    expect(Math.abs(rms / deviation - 1), path).toBeLessThan(4 / Math.sqrt(2 * count));
  }
}

const fan = (inputs: number): number => 1 / Math.sqrt(3 * inputs);

describe("initTransformer", () => {
  it("draws N(0, .02²) by default, in a pre-norm model less what ends in the residual stream", () => {
    const same = {
      embedding: 0.02,
      output: 0.02,
      "biases.content": 0.02,
      "layers.1.attention.queries.kernel": 0.02,
      "layers.1.attention.keysAndValues.kernel": 0.02,
      "layers.1.feedForward.inner.kernel": 0.02,
      "layers.1.longTerm.attention.keys.kernel": 0.02,
      "layers.1.longTerm.attention.mean": 0.02,
    };
    const last = (deviation: number): Record<string, number> => ({
      "layers.1.attention.output.kernel": deviation,
      "layers.1.feedForward.outer.kernel": deviation,
    });
    expectDeviations({}, { ...same, ...last(0.02) });
    expectDeviations({ norm: "pre" }, { ...same, ...last(0.01) });
  });

  it("draws by the number of inputs where it is told to", () => {
    const same = {
      embedding: 1 / Math.sqrt(48),
      output: fan(48),
      "biases.content": 0.02,
      "layers.0.attention.queries.kernel": fan(48),
      "layers.0.attention.positions.kernel": fan(48),
      "layers.0.attention.keysAndValues.kernel": fan(48),
      "layers.0.feedForward.inner.kernel": fan(48),
      "layers.0.longTerm.attention.keys.kernel": fan(48),
      "layers.0.longTerm.attention.values.kernel": fan(48),
      "layers.0.longTerm.attention.output.kernel": fan(80),
      "layers.0.longTerm.attention.variance": 0.02,
    };
    const last = (share: number): Record<string, number> => ({
      "layers.0.attention.output.kernel": share * fan(80),
      "layers.0.feedForward.outer.kernel": share * fan(96),
    });
    expectDeviations({ initializer: "fan-in" }, { ...same, ...last(1) });
    expectDeviations({ initializer: "fan-in", norm: "pre" }, { ...same, ...last(1 / 2) });
  });

  it.each([
    ["normal", 0.02, 0.01, 0.02],
    ["fan-in", 1 / Math.sqrt(48), fan(12), fan(48)],
  ] as const)("draws the words of clusters as %s", (initializer, table, projection, gate) => {
    expectDeviations(
      { initializer, adaptive: { cutoffs: [20, 40], divisor: 2 } },
      {
        "embedding.0.table": table,
        "embedding.1.table": table,
        "embedding.2.table": table,
        "embedding.2.projection": projection,
        "output.gates.table": gate,
        "output.clusters.0.table": gate,
        "output.clusters.2.table": initializer === "normal" ? 0.02 : fan(12),
        "output.clusters.2.projection": initializer === "normal" ? 0.01 : fan(48),
      },
    );
  });

  it("refuses another way to begin", () => {
    expect(() => resolveInfiniteFormerConfig({ ...options, initializer: "xavier" as "normal" })).toThrow(
      /initializer must be .*normal.*fan-in/,
    );
  });
});
