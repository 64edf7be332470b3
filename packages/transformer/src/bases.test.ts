import { disposeTree, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { livelyModel, tokens } from "../test/model.js";
import {
  disposeInfiniteFormer,
  forward,
  type InfiniteFormerOptions,
  initialState,
  meanPenalty,
  read,
  resolveInfiniteFormerConfig,
  type TransformerParams,
} from "./index.js";

type LongTerm = NonNullable<InfiniteFormerOptions["longTerm"]>;

const bases = ["gaussian", "rectangular", "fourier", "legendre", "bspline"] as const;
const densities: readonly LongTerm[] = [
  { density: "gaussian" },
  { density: "truncated-parabola" },
  { density: "biweight" },
  { density: "gibbs" },
  { densityCount: 3, affineBias: true },
];
const forms = bases.flatMap((basis) => densities.map((density) => ({ basis, ...density })));

describe.each(forms)("an ∞-former over $basis functions, $density $densityCount", (longTerm) => {
  it("has finite logits, penalty and gradients in every parameter of its memory", () => {
    const model = livelyModel({ longTerm: { ...longTerm, sampling: "sticky", stickyBins: 7 } });
    const names = leaves(model.params).map(({ path }) => path);
    const before = tf.memory().numTensors - names.length;
    const single = longTerm.density !== "gibbs";
    expect(names.includes("layers.0.longTerm.attention.mean")).toBe(single);
    expect(names.includes("layers.0.longTerm.attention.share")).toBe(longTerm.densityCount === 3);
    const start = initialState(model.config, 2);
    const { state, logits } = read(model, start, [tokens(25, 1), tokens(25, 2)]);
    expect([...logits.dataSync()].every(Number.isFinite)).toBe(true);
    const tensors = leaves(model.params.layers[0]?.longTerm as object);
    const piece = tf.tensor2d([tokens(5, 3), tokens(5, 4)], [2, 5], "int32");
    const gradients = tf.tidy(() =>
      tf.grads((...given) => {
        const layers = model.params.layers.map((layer, i) =>
          i > 0 ? layer : { ...layer, longTerm: replaced(layer.longTerm as object, given) },
        );
        const params = { ...model.params, layers } as TransformerParams;
        const out = forward({ ...model, params }, state, piece);
        const likelihood = tf.mean(tf.logSoftmax(tf.reshape(out.logits as tf.Tensor, [10, 11])));
        return tf.add(likelihood, tf.mul(meanPenalty(out), 0.01));
      })(tensors.map(({ tensor }) => tensor)),
    );
    gradients.forEach((gradient, i) => {
      const values = [...gradient.dataSync()];
      const { path } = tensors[i] as { path: string };
      expect(values.every(Number.isFinite), path).toBe(true);
      expect(
        values.some((value) => value !== 0),
        path,
      ).toBe(true);
    });
    disposeTree([start, state, logits, piece, gradients]);
    disposeInfiniteFormer(model);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** The tree with its tensors replaced in order. */
function replaced(tree: object, tensors: readonly tf.Tensor[]): object {
  let next = 0;
  const visit = (node: unknown): unknown => {
    if (node instanceof tf.Tensor) return tensors[next++];
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(tree) as object;
}

describe("resolveInfiniteFormerConfig", () => {
  const sizes = {
    vocabularySize: 11,
    layers: 1,
    modelSize: 4,
    heads: 2,
    innerSize: 4,
    segmentLength: 4,
    shortTermLength: 4,
  };
  it.each([
    ["padding", { basis: "fourier", padding: "zeros" }, 'be "none" where basis is "fourier"'],
    ["basisWidths", { basis: "legendre", basisWidths: [0.1] }, "be left out or []"],
    ["basisPeriod", { basisPeriod: 2 }, "be left out or null"],
    ["longTerm.densityFrom", { basis: "fourier", densityFrom: "moments" }, 'be "affine"'],
    ["longTerm.densityCount", { densityCount: 2, density: "gibbs" }, "be 1"],
  ] as const)("refuses what does not apply by its path: %s of %o", (path, longTerm, must) => {
    const attempt = () => resolveInfiniteFormerConfig({ ...sizes, longTerm: longTerm as LongTerm });
    expect(attempt).toThrow(expect.objectContaining({ code: "ERR_CONFIG", path }));
    expect(attempt).toThrow(must);
  });
});
