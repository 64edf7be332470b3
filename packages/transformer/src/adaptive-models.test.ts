import { createRng } from "@infinite-former/random";
import { disposeTree, leaves, tidyTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { crossEntropy, valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { smallCompressive } from "../test/compressive-model.js";
import { livelyModel, tokens } from "../test/model.js";
import { adaptiveCrossEntropy } from "./adaptive-cross-entropy.js";
import { adaptiveLogProbabilities } from "./adaptive-log-probabilities.js";
import type { WordParams } from "./adaptive-params.js";
import { clusterTargets, clusterTensors } from "./cluster-targets.js";
import type { CompressiveState } from "./compressive-state.js";
import { compressiveTransformer, createCompressiveTransformer } from "./compressive-transformer.js";
import { dropoutSeeds } from "./dropout-seeds.js";
import { forward } from "./forward.js";
import { generate } from "./generate.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import type { ForwardOptions, LanguageModel } from "./language-model.js";
import type { TransformerState } from "./state.js";
import { createTransformerXl } from "./transformer-xl.js";

const vocabularySize = 11;
const adaptive = { cutoffs: [4, 7, 8], divisor: 2 };
const sizes = { modelSize: 8, heads: 2, adaptive };
const xlSizes = { vocabularySize, layers: 2, innerSize: 9, segmentLength: 5, shortTermLength: 5 };

interface Passed {
  readonly logits: tf.Tensor3D | null;
  readonly features: tf.Tensor3D;
  readonly state: object;
}

/** A model, and a pass over a segment from its first state with other parameters. */
interface Subject {
  readonly model: LanguageModel<object> & { readonly params: WordParams & object };
  readonly dispose: () => void;
  readonly pass: (params: object, ids: tf.Tensor2D, options: ForwardOptions) => Passed;
}

const kinds: Record<string, (tiedOutput: boolean, divisor?: number) => Subject> = {
  "an ∞-former": (tiedOutput, divisor = 2) => {
    const options = { ...sizes, tiedOutput, adaptive: { ...adaptive, divisor } };
    const model = livelyModel({ ...options, norm: "pre", finalNorm: true });
    const pass: Subject["pass"] = (params, ids, how) => {
      const start = model.functions.initialState(model, ids.shape[0]) as TransformerState;
      return forward({ ...model, params: params as typeof model.params }, start, ids, how);
    };
    const dispose = (): void => disposeInfiniteFormer(model);
    return { model: model as unknown as Subject["model"], pass, dispose };
  },
  "a Transformer-XL": (tiedOutput, divisor = 2) => {
    const options = { ...xlSizes, ...sizes, tiedOutput, adaptive: { ...adaptive, divisor } };
    const model = createTransformerXl(options, createRng(3));
    const pass: Subject["pass"] = (params, ids, how) => {
      const start = model.functions.initialState(model, ids.shape[0]) as TransformerState;
      return forward({ ...model, params: params as typeof model.params }, start, ids, how);
    };
    const dispose = (): void => disposeTree(model.params);
    return { model: model as unknown as Subject["model"], pass, dispose };
  },
  "a Compressive Transformer": (tiedOutput, divisor = 2) => {
    const model = smallCompressive({ ...sizes, tiedOutput, adaptive: { ...adaptive, divisor } });
    const pass: Subject["pass"] = (params, ids, how) => {
      const start = model.functions.initialState(model, ids.shape[0]) as CompressiveState;
      return compressiveTransformer({ ...model, params: params as typeof model.params }, start, ids, how);
    };
    const dispose = (): void => disposeTree(model.params);
    return { model: model as unknown as Subject["model"], pass, dispose };
  },
};
const cases = Object.keys(kinds).flatMap((kind) => [
  { kind, tied: true },
  { kind, tied: false },
]);

/** Of every cluster. */
const ids = [3, 4, 6, 7, 8, 10, 0, 9, 2, 5];
const piece = (): tf.Tensor2D => tf.tensor2d(ids, [2, 5], "int32");
const rows = (x: tf.Tensor3D): tf.Tensor2D => tf.reshape(x, [-1, x.shape[2]]);

describe.each(cases)("$kind with clusters, tied: $tied", ({ kind, tied }) => {
  const make = (divisor?: number): Subject => (kinds[kind] as (typeof kinds)[string])(tied, divisor);

  it("has the log-probabilities of its features as logits, wherever they are asked for", () => {
    const { model, pass, dispose } = make();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const all = pass(model.params, piece(), {});
      const logits = all.logits as tf.Tensor3D;
      expect([logits.shape, all.features.shape]).toEqual([
        [2, 5, vocabularySize],
        [2, 5, 8],
      ]);
      const want = adaptiveLogProbabilities(model.params, rows(all.features));
      expect(logits.dataSync()).toEqual(want.dataSync());
      expectClose(tf.sum(tf.exp(want), 1).dataSync(), Array<number>(10).fill(1), { abs: 1e-6, rel: 0 });
      const none = pass(model.params, piece(), { logits: "none" });
      expect(none.logits).toBeNull();
      expect(none.features.dataSync()).toEqual(all.features.dataSync());
      const last = pass(model.params, piece(), { logits: "last" });
      const [mine, whole] = [last.features, tf.slice(all.features, [0, 4, 0], [2, 1, 8])];
      expect(mine.shape).toEqual(whole.shape);
      expectClose(mine.dataSync(), whole.dataSync(), { abs: 1e-5, rel: 1e-5 });
    });
    expect(tf.memory().numTensors).toBe(before);
    const out = tidyTree(() => pass(model.params, piece(), {}));
    disposeTree(out);
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });

  it.each([1, 2])("trains by clusters as by all words, every parameter, divisor %d", (divisor) => {
    const { model, pass, dispose } = make(divisor);
    const before = tf.memory().numTensors;
    const seed = tf.tensor1d([3, 4], "int32");
    const targets = [...tokens(9, 2), -1];
    const weights = [1, 1, 2, 1, 0.5, 1, 1, 1, 1, 0];
    const clusters = clusterTensors(clusterTargets({ vocabularySize, adaptive }, targets, weights));
    const options = (logits: "all" | "none"): ForwardOptions => ({ logits, seeds: dropoutSeeds(0.2, seed) });
    // What makes memories or reads them has no gradient in the first segment.
    const paths = leaves(model.params).map(({ path }) => path);
    const optional = paths.filter((path) => /longTerm|compression/.test(path));
    const byClusters = valueAndGrad(
      (now: WordParams & object) => {
        const { features } = pass(now, piece(), options("none"));
        return { loss: adaptiveCrossEntropy(now, features, clusters).loss, aux: {} };
      },
      { optional },
    );
    const byWords = valueAndGrad(
      (now: WordParams & object) => {
        const logits = rows(pass(now, piece(), options("all")).logits as tf.Tensor3D);
        return {
          loss: crossEntropy(logits, tf.tensor1d(targets, "int32"), tf.tensor1d(weights)).loss,
          aux: {},
        };
      },
      { optional },
    );
    const [got, want] = [byClusters(model.params), byWords(model.params)];
    expectClose(got.loss.dataSync(), want.loss.dataSync(), { abs: 1e-6, rel: 1e-6 });
    const wanted = new Map(leaves(want.gradients).map(({ path, tensor }) => [path, tensor]));
    for (const { path, tensor } of leaves(got.gradients)) {
      const numbers = (wanted.get(path) as tf.Tensor).dataSync();
      expectClose(tensor.dataSync(), numbers, { abs: 1e-6, rel: 1e-4, name: path });
    }
    // The third cluster has one word, which is certain in it.
    for (const path of paths.filter((own) => !optional.includes(own) && !/^output.clusters.2/.test(own))) {
      expect(
        (wanted.get(path) as tf.Tensor).dataSync().some((g) => g !== 0),
        path,
      ).toBe(true);
    }
    disposeTree([got, want, clusters, seed]);
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });

  it("generates", async () => {
    const { model, dispose } = make();
    const before = tf.memory().numTensors;
    const written: number[] = [];
    const options = { prompt: [1, 9, 7], maxTokens: 8, rng: createRng(1) };
    for await (const token of generate(model, options)) written.push(token);
    expect(written).toHaveLength(8);
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });
});

describe("parameters of clusters", () => {
  const words = (tree: object): string[] =>
    leaves(tree).flatMap(({ path, tensor: { shape } }) =>
      /^(embedding|output)/.test(path) ? [`${path} ${shape}`] : [],
    );

  it("are shared where the output is tied, but for the head's projection", () => {
    const model = createTransformerXl({ ...xlSizes, ...sizes, tiedOutput: true }, createRng(3));
    expect(words(model.params)).toEqual([
      "embedding.0.table 4,8",
      "embedding.0.projection 8,8",
      "embedding.1.table 3,4",
      "embedding.1.projection 4,8",
      "embedding.2.table 1,2",
      "embedding.2.projection 2,8",
      "embedding.3.table 3,1",
      "embedding.3.projection 1,8",
      "output.gates.table 3,8",
      "output.gates.bias 3",
      "output.clusters.0.bias 4",
      "output.clusters.0.projection 8,8",
      "output.clusters.1.bias 3",
      "output.clusters.2.bias 1",
      "output.clusters.3.bias 3",
    ]);
    disposeTree(model.params);
  });

  it("are the output's own where it is not tied, and without projections where all have one width", () => {
    const own = { ...sizes, adaptive: { cutoffs: [4], divisor: 1 } };
    for (const { params } of [
      createTransformerXl({ ...xlSizes, ...own }, createRng(3)),
      smallCompressive(own),
    ] as const) {
      expect(words(params)).toEqual([
        "embedding.0.table 4,8",
        "embedding.1.table 7,8",
        "output.gates.table 1,8",
        "output.gates.bias 1",
        "output.clusters.0.bias 4",
        "output.clusters.0.table 4,8",
        "output.clusters.1.bias 7",
        "output.clusters.1.table 7,8",
      ]);
      disposeTree(params);
    }
  });

  it("begin as Transformer-XL's: N(0, .02²), projections N(0, .01²), biases 0", () => {
    const large = { ...xlSizes, vocabularySize: 4000, modelSize: 64, heads: 2 };
    const clusters = { cutoffs: [1000, 2000], divisor: 2 };
    const { params } = createTransformerXl({ ...large, adaptive: clusters }, createRng(3));
    for (const { path, tensor } of leaves(params).filter(({ path }) => /^(embedding|output)/.test(path))) {
      const want = path.endsWith("bias") ? 0 : path.endsWith("projection") ? 0.01 : 0.02;
      expectDeviation(tensor, want, path);
    }
    disposeTree(params);
  });

  it.each([true, false])(
    "of a Compressive Transformer begin as PyTorch's layers do, tied: %s",
    (tiedOutput) => {
      const large = { ...xlSizes, vocabularySize: 4000, modelSize: 64, heads: 2, compressedLength: 2 };
      const clusters = { cutoffs: [1000, 2000], divisor: 2 };
      const { params } = createCompressiveTransformer(
        { ...large, tiedOutput, adaptive: clusters },
        createRng(3),
      );
      const width = (path: string): number => 64 / 2 ** Number(/\d/.exec(path)?.[0] ?? 0);
      for (const { path, tensor } of leaves(params).filter(({ path }) => /^(embedding|output)/.test(path))) {
        const inputs = path.startsWith("output") && path.endsWith("projection") ? 64 : width(path);
        const uniform = 1 / Math.sqrt(3 * inputs);
        const table = tiedOutput ? 1 / 8 : 1;
        expectDeviation(tensor, /^embedding.*table/.test(path) ? table : uniform, path);
      }
      disposeTree(params);
    },
  );
});

describe("a Compressive Transformer with a tied output", () => {
  it("has the embedding as the output's kernel, times √model where it is read", () => {
    const [tied, apart] = [smallCompressive({ tiedOutput: true }), smallCompressive()];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const table = tied.params.embedding as tf.Tensor2D;
      const { bias } = tied.params.output as { readonly bias: tf.Tensor1D };
      const same = { embedding: tf.mul(table, Math.sqrt(6)), output: { kernel: tf.transpose(table), bias } };
      const params = { ...tied.params, ...same } as typeof apart.params;
      const start = tied.functions.initialState(tied, 2);
      const want = compressiveTransformer({ config: apart.config, params }, start, piece());
      const got = compressiveTransformer(tied, start, piece());
      expectClose((got.logits as tf.Tensor).dataSync(), (want.logits as tf.Tensor).dataSync(), {
        abs: 1e-6,
        rel: 1e-6,
      });
    });
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([tied.params, apart.params]);
  });
});

function expectDeviation(tensor: tf.Tensor, want: number, path: string): void {
  const values = tensor.dataSync<"float32">();
  const got = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  const share = 4 / Math.sqrt(2 * values.length); // four deviations of the estimate
  expect(Math.abs(got - want) / (want || 1), `${path}: ${got}, not ${want}`).toBeLessThan(share);
}
