import type { Rng } from "@infinite-former/random";
import { ConfigError } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { AdaptiveConfig, Cluster } from "./adaptive-config.js";
import { clustersOf } from "./adaptive-config.js";

/** The vectors of one cluster's words. */
export interface ClusterTable {
  /** `[words, width]` */
  readonly table: tf.Tensor2D;
  /** `[width, model]`; absent where all clusters are as wide as the model. */
  readonly projection?: tf.Tensor2D;
}

/** What reads tokens: one table a cluster, the head first. */
export type AdaptiveEmbedding = readonly ClusterTable[];

/** What scores them. */
export interface AdaptiveOutput {
  /** One more word of the head for each further cluster. */
  readonly gates: {
    /** `[clusters − 1, width of the head]` */
    readonly table: tf.Tensor2D;
    /** `[clusters − 1]` */
    readonly bias: tf.Tensor1D;
  };
  /** Per cluster the biases `[words]`, and tables and projections where they aren't those of the embedding. */
  readonly clusters: readonly (Partial<ClusterTable> & { readonly bias: tf.Tensor1D })[];
}

/** The part of a model's parameters that knows its words. */
export interface WordParams {
  readonly embedding: tf.Tensor2D | AdaptiveEmbedding;
  readonly output?: object;
}

/** `WordParams` of a model with clusters. */
export interface AdaptiveParams {
  readonly embedding: AdaptiveEmbedding;
  readonly output: AdaptiveOutput;
}

/** Whether these are the parameters of a model with clusters. */
export function isAdaptive(params: Pick<WordParams, "embedding">): params is AdaptiveParams {
  return Array.isArray(params.embedding);
}

/** One cluster as the output reads it. */
export type OutputCluster = ClusterTable & { readonly bias: tf.Tensor1D };

/**
 * The output of a model with clusters, tied tensors in their places; the parameters' own.
 *
 * @param fn in whose name the message speaks.
 * @throws {ConfigError} `ERR_CONFIG` if the model has no clusters.
 */
export function adaptiveOutput(
  fn: string,
  params: WordParams,
): {
  readonly head: OutputCluster;
  readonly gates: AdaptiveOutput["gates"];
  readonly tails: readonly OutputCluster[];
} {
  if (!isAdaptive(params)) {
    throw new ConfigError("adaptive", `${fn}: adaptive must be configured in the model, got null`);
  }
  const { embedding, output } = params;
  const clusters = output.clusters.map((own, i) => ({ ...(embedding[i] as ClusterTable), ...own }));
  const [head, ...tails] = clusters as [OutputCluster, ...OutputCluster[]];
  return { head, gates: output.gates, tails };
}

/** How parameters begin: each from a shape, the number of inputs of the map it belongs to, and a generator. */
export interface AdaptiveStart {
  readonly words: (shape: [number, number], rng: Rng) => tf.Tensor;
  readonly table: (shape: [number, number], inputs: number, rng: Rng) => tf.Tensor;
  readonly bias: (shape: [number], inputs: number, rng: Rng) => tf.Tensor;
  readonly projection: (shape: [number, number], inputs: number, rng: Rng) => tf.Tensor;
}

/**
 * New parameters of clusters: `words` draws the tables of the embedding,
 * `table` those of an output of its own and the gates.
 *
 * With a tied output tables and projections are shared, but for the
 * projection of the head, as in Transformer-XL on WikiText-103.
 *
 * @returns tensors owned by the caller.
 */
export function initAdaptive(
  config: {
    readonly vocabularySize: number;
    readonly modelSize: number;
    readonly tiedOutput: boolean;
  },
  adaptive: AdaptiveConfig,
  start: AdaptiveStart,
  rng: Rng,
): AdaptiveParams {
  const { modelSize, tiedOutput } = config;
  const clusters = clustersOf(config, adaptive);
  const projected = adaptive.divisor > 1;
  const projection = (width: number, inputs: number, own: Rng): Pick<ClusterTable, "projection"> =>
    projected ? { projection: start.projection([width, modelSize], inputs, own) as tf.Tensor2D } : {};
  const embedding = clusters.map(({ words, width }, i) => {
    const own = rng.split(`embedding ${i}`);
    return {
      table: start.words([words, width], own.split("table")) as tf.Tensor2D,
      ...projection(width, width, own.split("projection")),
    };
  });
  const [{ width: headWidth }, ...tails] = clusters as [Cluster, ...Cluster[]];
  const gates = rng.split("gates");
  return {
    embedding,
    output: {
      gates: {
        table: start.table([tails.length, headWidth], headWidth, gates.split("table")) as tf.Tensor2D,
        bias: start.bias([tails.length], headWidth, gates.split("bias")) as tf.Tensor1D,
      },
      clusters: clusters.map(({ words, width }, i) => {
        const own = rng.split(`output ${i}`);
        return {
          bias: start.bias([words], width, own.split("bias")) as tf.Tensor1D,
          ...(tiedOutput
            ? {}
            : { table: start.table([words, width], width, own.split("table")) as tf.Tensor2D }),
          ...(tiedOutput && i > 0 ? {} : projection(width, modelSize, own.split("projection"))),
        };
      }),
    },
  };
}
