import { createRng, normals } from "@infinite-former/random";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { withoutKernel } from "../test/without-kernel.js";
import { addLayerNorm, hasKernel, layerNorm } from "./index.js";

const epsilon = 1e-3;
const shapes = [
  [1, 1],
  [5, 1],
  [1, 7],
  [3, 16],
  [37, 33],
  [130, 300],
  [9, 1030],
] as const;

function draw([rows, size]: readonly [number, number], terms: number, mean = 0, seed = 5) {
  const rng = createRng(seed);
  return {
    terms: Array.from({ length: terms }, (_, i) => normals(rng.split(`term ${i}`), rows * size, mean, 1)),
    gain: normals(rng.split("gain"), size, 1, 0.5),
    bias: normals(rng.split("bias"), size),
    cotangent: normals(rng.split("cotangent"), rows * size),
  };
}

type Drawn = ReturnType<typeof draw>;

/** Value and gradients in float64. */
function byDefinition([rows, size]: readonly [number, number], { terms, gain, bias, cotangent }: Drawn) {
  const [value, dx] = [new Float64Array(rows * size), new Float64Array(rows * size)];
  const [dGain, dBias] = [new Float64Array(size), new Float64Array(size)];
  for (let row = 0; row < rows; row++) {
    const at = (x: Float32Array, i: number): number => x[row * size + i] as number;
    const x = Array.from(gain, (_, i) => terms.reduce((sum, term) => sum + at(term, i), 0));
    const mean = x.reduce((a, b) => a + b, 0) / size;
    const inverse = 1 / Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / size + epsilon);
    const normal = x.map((v) => (v - mean) * inverse);
    const inner = normal.map((_, i) => at(cotangent, i) * (gain[i] as number));
    const flat = inner.reduce((a, b) => a + b, 0) / size;
    const along = inner.reduce((a, b, i) => a + b * (normal[i] as number), 0) / size;
    normal.forEach((n, i) => {
      value[row * size + i] = n * (gain[i] as number) + (bias[i] as number);
      dx[row * size + i] = inverse * ((inner[i] as number) - flat - n * along);
      dGain[i]! += at(cotangent, i) * n;
      dBias[i]! += at(cotangent, i);
    });
  }
  return [value, ...terms.map(() => dx), dGain, dBias];
}

function valueAndGradients(shape: readonly [number, number], x: Drawn): Float32Array[] {
  return tf.tidy(() => {
    const inputs = [
      ...x.terms.map((term) => tf.tensor(term, [...shape])),
      tf.tensor1d(x.gain),
      tf.tensor1d(x.bias),
    ];
    const norm = (...all: tf.Tensor[]): tf.Tensor => {
      const [gain, bias] = all.slice(-2) as [tf.Tensor1D, tf.Tensor1D];
      const terms = all.slice(0, -2);
      const params = { gain, bias };
      return terms.length === 1
        ? layerNorm(params, terms[0] as tf.Tensor, epsilon)
        : addLayerNorm(params, terms as [tf.Tensor, tf.Tensor, tf.Tensor?], epsilon);
    };
    const slopes = tf.grads(norm)(inputs, tf.tensor(x.cotangent, [...shape]));
    return [norm(...inputs), ...slopes].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

describe.each([1, 2, 3])("layer normalisation of a sum of %d", (terms) => {
  it("equals the formula in float64, gradients too, at any size", () => {
    for (const shape of shapes) {
      const x = draw(shape, terms);
      const want = byDefinition(shape, x);
      valueAndGradients(shape, x).forEach((got, i) => {
        // Rows of one element have x − mean = 0 exactly; others sum `rows` or `size` terms of size 1.
        expectClose(got, want[i] as Float64Array, { abs: 1e-5, rel: 3e-6, name: `${i} at ${shape}` });
      });
    }
  });

  it("has the numbers of the composed form where it is one kernel", ({ skip }) => {
    if (!hasKernel("InfiniteFormerLayerNorm")) skip("this backend has no fused layer normalisation");
    for (const shape of shapes) {
      const x = draw(shape, terms);
      const want = withoutKernel("InfiniteFormerLayerNorm", () => valueAndGradients(shape, x));
      valueAndGradients(shape, x).forEach((got, i) => {
        expectClose(got, want[i] as Float32Array, { abs: 1e-5, rel: 3e-6, name: `${i} at ${shape}` });
      });
    }
  });
});

describe("layerNorm", () => {
  it("keeps its digits on rows far from zero where it is one kernel", ({ skip }) => {
    if (!hasKernel("InfiniteFormerLayerNorm")) skip("this backend has no fused layer normalisation");
    const shape = [20, 300] as const;
    const x = draw(shape, 1, 1000);
    const [value, dx] = byDefinition(shape, x) as [Float64Array, Float64Array];
    const got = valueAndGradients(shape, x);
    expectClose(got[0] as Float32Array, value, { abs: 2e-6, rel: 1e-6 });
    expectClose(got[1] as Float32Array, dx, { abs: 2e-6, rel: 1e-6 });
  });

  it("keeps NaN in its row, and gives the same bits each time", () => {
    const shape = [3, 20] as const;
    const x = draw(shape, 1);
    expect(valueAndGradients(shape, x)).toEqual(valueAndGradients(shape, x));
    (x.terms[0] as Float32Array)[25] = Number.NaN;
    const [value] = valueAndGradients(shape, x) as [Float32Array];
    expect(Array.from(value, (v) => Number.isNaN(v))).toEqual(
      Array.from({ length: 60 }, (_, i) => i >= 20 && i < 40),
    );
  });

  it("leaves no tensors behind, also when it refuses", () => {
    const [x, gain, bias] = [tf.ones([2, 3]), tf.ones([3]) as tf.Tensor1D, tf.zeros([3]) as tf.Tensor1D];
    const before = tf.memory().numTensors;
    addLayerNorm({ gain, bias }, [x, x]).dispose();
    tf.grad((y: tf.Tensor) => addLayerNorm({ gain, bias }, [y, x]))(x).dispose();
    expect(() => addLayerNorm({ gain, bias }, [x, gain])).toThrow(
      "addLayerNorm: terms must have shape [2, 3], got [3]",
    );
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, gain, bias]);
  });
});
