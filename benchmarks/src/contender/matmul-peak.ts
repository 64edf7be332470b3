import { createRng, normals } from "@infinite-former/random";
import * as tf from "@tensorflow/tfjs-core";
import type { Assignment } from "./assignment.js";
import type { Subject } from "./subject.js";

const edges = [512, 1024, 2048];
/** Floating-point operations of one product, about: some 10 ms at 400 GFLOP/s. */
const enough = 4e9;

/**
 * Products of two square matrices of 512, 1024 and 2048 rows: the best rate of
 * the three is what a matrix product reaches on this machine at the moment. A
 * unit is all three.
 */
export async function matmulPeak({ seed }: Assignment): Promise<Subject> {
  const rng = createRng(seed);
  const pairs = edges.map((edge) => {
    const draw = (): tf.Tensor2D => tf.tensor2d(normals(rng, edge * edge), [edge, edge]);
    return { edge, a: draw(), b: draw() };
  });
  const rate = ({ edge, a, b }: { edge: number; a: tf.Tensor2D; b: tf.Tensor2D }): number => {
    const flops = 2 * edge ** 3;
    const repeats = Math.max(1, Math.round(enough / flops));
    const start = performance.now();
    for (let i = 0; i < repeats; i++)
      tf.tidy(() => void tf.slice(tf.matMul(a, b), [0, 0], [1, 1]).dataSync());
    return (repeats * flops) / ((performance.now() - start) / 1000) / 1e9;
  };
  return {
    parameters: 0,
    async run(units) {
      let best = 0;
      for (let i = 0; i < units; i++) best = Math.max(best, ...pairs.map(rate));
      return { loss: null, gigaflopsPerSecond: best };
    },
  };
}
