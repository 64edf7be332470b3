import { createRng, normals } from "@infinite-former/random";
import { mapTree, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { AdaptiveConfig } from "../src/adaptive-config.js";
import { type AdaptiveParams, initAdaptive } from "../src/adaptive-params.js";

/** A vocabulary of 11 words in clusters of 4, 3, 1 and 3. */
export const cutoffs: readonly number[] = [4, 7, 8];

/** Forms of a model 8 wide whose clusters differ in all that they can. */
export const forms = [
  { name: "one width, tied", divisor: 1, tiedOutput: true },
  { name: "one width", divisor: 1, tiedOutput: false },
  { name: "widths 8, 4, 2, 1, tied", divisor: 2, tiedOutput: true },
  { name: "widths 8, 4, 2, 1", divisor: 2, tiedOutput: false },
] as const;

export const modelSize = 8;
export const vocabularySize = 11;

/** The part of such a model that knows its words, all of it random; the caller's. */
export function randomWords(
  form: Pick<AdaptiveConfig, "divisor"> & { readonly tiedOutput: boolean },
): AdaptiveParams {
  const zero = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape]);
  const start = { words: zero, table: zero, bias: zero, projection: zero };
  const config = { vocabularySize, modelSize, tiedOutput: form.tiedOutput };
  const rng = createRng(12);
  return tidyTree(() =>
    mapTree(initAdaptive(config, { cutoffs, divisor: form.divisor }, start, rng), ({ shape, size }) =>
      tf.tensor(normals(rng, size, 0, 0.7), shape),
    ),
  );
}

type Matrix = number[][];

const matrix = (x: tf.Tensor2D): Matrix => x.arraySync();

/** Widths into the model, or back. */
const times = (x: readonly number[], kernel: Matrix): number[] =>
  (kernel[0] as number[]).map((_, j) => x.reduce((sum, xi, i) => sum + xi * (kernel[i] as number[])[j]!, 0));
const against = (x: readonly number[], rows: Matrix): number[] =>
  rows.map((row) => row.reduce((sum, r, i) => sum + r * (x[i] as number), 0));

const logSoftmax = (x: readonly number[]): number[] => {
  const largest = Math.max(...x);
  const total = largest + Math.log(x.reduce((sum, v) => sum + Math.exp(v - largest), 0));
  return x.map((v) => v - total);
};

/** `log p` of all words at one position, in float64, by the definition. */
export function logProbabilities(
  { embedding, output }: AdaptiveParams,
  features: readonly number[],
): number[] {
  const scores = output.clusters.map(({ bias, table, projection }, i) => {
    const shared = embedding[i] as AdaptiveParams["embedding"][number];
    const into = projection ?? shared.projection;
    const x = into === undefined ? features : against(features, matrix(into));
    const add = (biases: ArrayLike<number>, all: number[]): number[] => all.map((s, j) => s + biases[j]!);
    const words = add(bias.dataSync(), against(x, matrix(table ?? shared.table)));
    if (i > 0) return logSoftmax(words);
    const gates = add(output.gates.bias.dataSync(), against(x, matrix(output.gates.table)));
    return logSoftmax([...words, ...gates]);
  });
  const [head, ...tails] = scores as [number[], ...number[][]];
  const words = head.length - tails.length;
  return [...head.slice(0, words), ...tails.flatMap((tail, i) => tail.map((log) => log + head[words + i]!))];
}

/** The vector of a word in float64, by the definition. */
export function wordVector(embedding: AdaptiveParams["embedding"], id: number): number[] {
  const cluster = cutoffs.filter((cutoff) => id >= cutoff).length;
  const { table, projection } = embedding[cluster] as AdaptiveParams["embedding"][number];
  const row = matrix(table)[id - (cutoffs[cluster - 1] ?? 0)] as number[];
  return projection === undefined ? row : times(row, matrix(projection));
}
