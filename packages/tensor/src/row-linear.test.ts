import { createRng, normals } from "@infinite-former/random";
import { erf } from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { withoutKernel } from "../test/without-kernel.js";
import { type FusedActivation, hasKernel, rowLinear } from "./index.js";

const name = "InfiniteFormerRowLinear";
const functions: Readonly<Record<FusedActivation, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  "gelu-tanh": (x) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  "gelu-erf": (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
};
/** Rows, inputs, outputs: one block and several, of columns and of rows, none whole. */
const shapes = [
  [1, 1, 1],
  [1, 7, 5],
  [2, 16, 16],
  [3, 33, 50],
  [5, 130, 517],
  [8, 1031, 100],
  [11, 64, 1100],
  [16, 401, 333],
  [17, 40, 30],
] as const;
const layouts = [false, true];
type Shape = readonly [rows: number, inputs: number, outputs: number];

function draw([rows, inputs, outputs]: Shape) {
  const rng = createRng(7);
  return {
    x: normals(rng.split("x"), rows * inputs),
    kernel: normals(rng.split("kernel"), inputs * outputs, 0, inputs ** -0.5), // [inputs, outputs]
    bias: normals(rng.split("bias"), outputs),
    residual: normals(rng.split("residual"), rows * outputs),
  };
}

function run([rows, inputs, outputs]: Shape, kind: FusedActivation, transposed: boolean, more: boolean) {
  const { x, kernel, bias, residual } = draw([rows, inputs, outputs]);
  return tf.tidy(() => {
    const plain = tf.tensor2d(kernel, [inputs, outputs]);
    const params = {
      kernel: transposed ? tf.transpose(plain) : plain,
      ...(more ? { bias: tf.tensor1d(bias) } : {}),
    };
    const added = more ? { residual: tf.tensor2d(residual, [rows, outputs]) } : {};
    const y = rowLinear(params, tf.tensor2d(x, [rows, inputs]), { activation: kind, transposed, ...added });
    expect(y.shape).toEqual([rows, outputs]);
    return y.dataSync();
  });
}

describe.each(Object.keys(functions) as FusedActivation[])("rowLinear, %s", (kind) => {
  it("equals the formula in float64, with and without a bias and a residual, in both layouts", () => {
    for (const shape of shapes) {
      const [rows, inputs, outputs] = shape;
      const { x, kernel, bias, residual } = draw(shape);
      for (const more of [false, true]) {
        const want = new Float64Array(rows * outputs);
        want.forEach((_, at) => {
          const [row, column] = [Math.floor(at / outputs), at % outputs];
          let sum = more ? (bias[column] as number) : 0;
          for (let i = 0; i < inputs; i++) {
            sum += (x[row * inputs + i] as number) * (kernel[i * outputs + column] as number);
          }
          want[at] = functions[kind](sum) + (more ? (residual[at] as number) : 0);
        });
        for (const transposed of layouts) {
          const got = run(shape, kind, transposed, more);
          expectClose(got, want, { abs: 5e-6, rel: 2e-6, name: `${shape} ${transposed} ${more}` });
        }
      }
    }
  });
});

describe("rowLinear", () => {
  it("gives the composed twin's numbers from the kernel", ({ skip }) => {
    if (!hasKernel(name)) skip("this backend has no kernel for few rows");
    for (const shape of shapes) {
      for (const transposed of layouts) {
        const twin = withoutKernel(name, () => run(shape, "gelu-tanh", transposed, true));
        expectClose(run(shape, "gelu-tanh", transposed, true), twin, { abs: 5e-6, rel: 2e-6 });
      }
    }
  });

  it("gives a row the same bits whatever rows stand beside it", ({ skip }) => {
    if (!hasKernel(name)) skip("this backend has no kernel for few rows");
    const [rows, inputs, outputs] = [16, 401, 333];
    for (const transposed of layouts) {
      tf.tidy(() => {
        const { x, kernel } = draw([rows, inputs, outputs]);
        const all = tf.tensor2d(x, [rows, inputs]);
        const params = { kernel: tf.tensor2d(kernel, transposed ? [outputs, inputs] : [inputs, outputs]) };
        const together = rowLinear(params, all, { transposed });
        for (const count of [1, 2, 3, 7, 9]) {
          const some = rowLinear(params, tf.slice(all, [rows - count, 0], [count, inputs]), { transposed });
          expect(some.dataSync()).toEqual(tf.slice(together, [rows - count, 0]).dataSync());
        }
      });
    }
  });

  it("refuses shapes that do not fit, borrows its arguments and leaves no tensors behind", () => {
    const [x, kernel, three, two] = [tf.ones([2, 3]), tf.ones([3, 4]), tf.ones([3]), tf.ones([2, 3])] as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor2D,
    ];
    const before = tf.memory().numTensors;
    rowLinear({ kernel }, x, { activation: "gelu-erf" }).dispose();
    expect(() => rowLinear({ kernel }, x, { transposed: true })).toThrow(
      "rowLinear: kernel must have shape [outputs, inputs = 3], got [3, 4]",
    );
    expect(() => rowLinear({ kernel, bias: three }, x)).toThrow(
      "rowLinear: bias must have shape [outputs = 4]",
    );
    expect(() => rowLinear({ kernel }, x, { residual: two })).toThrow("rowLinear: residual must have shape");
    expect(() => rowLinear({ kernel }, three as unknown as tf.Tensor2D)).toThrow(
      "rowLinear: x must have shape",
    );
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, kernel, three, two]);
  });
});
