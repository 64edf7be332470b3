import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import { initUniform, linear } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Parameters of a gated recurrent unit; columns: reset gate, update gate, candidate. */
export interface GatedResidualParams {
  /** `[model, 3·model]` and `[3·model]`: from a sub-layer's output. */
  readonly input: LinearParams;
  /** `[model, 3·model]` and `[3·model]`: from the residual stream. */
  readonly hidden: LinearParams;
}

/** PyTorch's default for a GRU cell: everything uniform within ±1/√model. */
export function initGatedResidual(modelSize: number, rng: Rng): GatedResidualParams {
  const bound = 1 / Math.sqrt(modelSize);
  const draw = (name: string): LinearParams => ({
    kernel: initUniform(
      [modelSize, 3 * modelSize],
      -bound,
      bound,
      rng.split(`${name} kernel`),
    ) as tf.Tensor2D,
    bias: initUniform([3 * modelSize], -bound, bound, rng.split(`${name} bias`)) as tf.Tensor1D,
  });
  return { input: draw("input"), hidden: draw("hidden") };
}

/**
 * A residual connection by a gated recurrent unit:
 * `r = σ(y W_r + x U_r)`, `z = σ(y W_z + x U_z)`, `c = tanh(y W_c + r ⊙ (x U_c))`,
 * `x' = (1 − z) ⊙ c + z ⊙ x`, with a bias in each product.
 *
 * @param x `[…, model]`: the residual stream. @param y `[…, model]`: a sub-layer's output.
 * @returns `[…, model]`, owned by the caller. Differentiable in everything.
 * @see Parisotto et al. (2019), "Stabilizing Transformers for Reinforcement Learning",
 *   https://arxiv.org/abs/1910.06764
 */
export function gatedResidual(params: GatedResidualParams, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const size = x.shape.at(-1) as number;
    const columns = (rows: tf.Tensor, from: number, count: number): tf.Tensor => {
      const start = rows.shape.map((_, axis) => (axis === rows.rank - 1 ? from * size : 0));
      return tf.slice(rows, start, [...rows.shape.slice(0, -1), count * size]);
    };
    const [input, hidden] = [linear(params.input, y), linear(params.hidden, x)];
    const gates = tf.sigmoid(tf.add(columns(input, 0, 2), columns(hidden, 0, 2)));
    const [reset, update] = [columns(gates, 0, 1), columns(gates, 1, 1)];
    const candidate = tf.tanh(tf.add(columns(input, 2, 1), tf.mul(reset, columns(hidden, 2, 1))));
    return tf.add(candidate, tf.mul(update, tf.sub(x, candidate)));
  });
}
