// Prints a digest of the results of every kernel of our own, as JSON.
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { loadTensorflow } from "../src/index.js";

let state = 1;
/** Numbers in [−1, 1) that need no package. */
function draw(shape: number[], low = -1): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((1 - low) * state) / 2 ** 32;
  });
  return tf.tensor(values, shape);
}

const { name: backend } = await loadTensorflow();
await tf.setBackend(backend);

const hashes: Record<string, string> = {};
function run(name: string, inputs: Record<string, tf.Tensor> | tf.Tensor[], attributes = {}): tf.Tensor[] {
  const outputs = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes) as tf.Tensor[];
  const hash = createHash("sha256");
  for (const output of outputs) hash.update(new Uint8Array(output.dataSync().slice().buffer));
  hashes[name] = hash.digest("hex").slice(0, 16);
  return outputs;
}

const [rows, size] = [501, 133];
const x = draw([rows, size]);
const cotangent = draw([rows, size]);
const [gain, bias] = [draw([size]), draw([size])];
const [, statistics] = run("InfiniteFormerLayerNorm", { x, gain, bias }, { epsilon: 1e-5 }) as [
  tf.Tensor,
  tf.Tensor,
];
run("InfiniteFormerLayerNormGrad", { x, gain, bias, statistics, cotangent });
const seed = tf.tensor1d([3, -9], "int32");
const bend = { kind: 2, rate: 0.25, scale: 1 / 0.75 };
run("InfiniteFormerActivation", { x, bias, seed }, bend);
run("InfiniteFormerActivationGrad", { x, bias, seed, cotangent }, bend);
run(
  "InfiniteFormerAdamW",
  {
    parameter: x,
    gradient: cotangent,
    first: draw([rows, size]),
    second: draw([rows, size], 0),
    scalars: tf.tensor1d([0.01, 0.2, 0.999, 0.5]),
  },
  { beta1: 0.9, beta2: 0.999, rest1: 0.1, rest2: 0.001, epsilon: 1e-8 },
);
run("InfiniteFormerGlobalNorm", [x, cotangent, gain]);
const ids = tf.tensor1d(
  Array.from({ length: rows }, (_, i) => (i * i) % 37),
  "int32",
);
run("InfiniteFormerScatterRows", { rows: x, ids }, { vocabulary: 40 });
const [mean, variance] = [draw([2, 3, 101], 0), draw([2, 3, 101], 0)];
const values = draw([2, 3 * 21, 3, 19]);
const [centers, widths] = [draw([21], 0), tf.tensor1d([0.01, 0.1, 0.3])];
run("InfiniteFormerReadOut", { mean, variance, values, centers, widths });
run("InfiniteFormerReadOutGrad", {
  mean,
  variance,
  values,
  centers,
  widths,
  cotangent: draw([2, 101, 3, 19]),
});
const attention = {
  queries: draw([2, 61, 3, 19]),
  keysAndValues: draw([2, 90, 2, 3, 19]),
  positions: draw([90, 3, 19]),
  contentBias: draw([3, 19]),
  positionBias: draw([3, 19]),
};
const [context, logSums] = run("InfiniteFormerAttention", attention, { scale: 0.3 }) as [
  tf.Tensor,
  tf.Tensor,
];
run(
  "InfiniteFormerAttentionGrad",
  { ...attention, context, logSums, cotangent: draw([2, 61, 3, 19]) },
  { scale: 0.3 },
);
process.stdout.write(JSON.stringify(hashes));
