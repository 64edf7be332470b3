import * as tf from "@tensorflow/tfjs-core";

/**
 * Sinusoidal embedding of the distances `count − 1, count − 2, …, 0`, sine
 * half first, then the cosine half: `[sin(d·f_i) ; cos(d·f_i)]` with
 * `f_i = 10000^(−2i/model)`.
 *
 * @param count number of distances, usually memory plus segment.
 * @param modelSize width, even.
 * @returns `[count, model]`, owned by the caller.
 * @see Dai et al. (2019), "Transformer-XL", appendix B, https://arxiv.org/abs/1901.02860
 */
export function relativePositions(count: number, modelSize: number): tf.Tensor2D {
  const half = modelSize / 2;
  const values = new Float32Array(count * modelSize);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < half; i++) {
      const angle = (count - 1 - row) / 10000 ** (i / half);
      values[row * modelSize + i] = Math.sin(angle);
      values[row * modelSize + half + i] = Math.cos(angle);
    }
  }
  return tf.tensor2d(values, [count, modelSize]);
}
