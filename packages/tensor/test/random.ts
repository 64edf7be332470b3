import { createRng, uniforms } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";

const rng = createRng(5);

/** Uniform numbers in [low, high), others at each call. */
export function random(shape: number[], low = -2, high = 2): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(uniforms(rng, count, low, high), shape);
}

/** A key of a stateless draw. */
export function seed(a: number, b: number): tf.Tensor1D {
  return tf.tensor1d([a, b], "int32");
}

/** Float32 sums of a handful of products against float64: some units in the last place. */
export const float32 = { abs: 1e-6, rel: 2e-6 };

/** Runs a test body in `tf.tidy`, so that it need not dispose. */
export function tidily(body: () => void): () => void {
  return () => {
    tf.tidy(() => {
      body();
    });
  };
}
