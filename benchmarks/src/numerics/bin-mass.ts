import { attentionMass } from "@infinite-former/memory";
import { binEdges, binMass } from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import { type Figure, relativeError } from "./figure.js";

const bins = 128;
const mean = Math.fround(0.6180339887);

/**
 * Mass of one density by bin: differences of the CDF with TensorFlow.js's own
 * `erf` on this backend, and by `attentionMass`.
 */
export function binMassFigures(): Figure[] {
  return [1, 1e-2, 1e-4].map((variance) => {
    const want = binMass({ bins, means: [mean], variances: [Math.fround(variance)] });
    const plain = tf.tidy(() => {
      const edges = tf.tensor1d(Float32Array.from(binEdges(bins)));
      const z = tf.div(tf.sub(edges, mean), Math.sqrt(2 * variance));
      const cdf = tf.mul(tf.add(1, tf.erf(z)), 0.5);
      return tf.sub(tf.slice(cdf, 1, bins), tf.slice(cdf, 0, bins)).dataSync<"float32">();
    });
    const ours = tf.tidy(() => {
      const [means, variances] = [tf.tensor3d([mean], [1, 1, 1]), tf.tensor3d([variance], [1, 1, 1])];
      return attentionMass(bins, { mean: means, variance: variances }).dataSync<"float32">();
    });
    return {
      quantity: "mass of a bin, 128 bins",
      setting: `σ² = ${variance}`,
      plain: relativeError(plain, want),
      ours: relativeError(ours, want),
    };
  });
}
