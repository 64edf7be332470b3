import type { Rng } from "@infinite-former/random";
import type { LinearParams } from "@infinite-former/tensor";
import {
  type FusedActivation,
  fusedActivation,
  geluErf,
  geluTanh,
  hasFusedActivation,
  initLinear,
  linear,
} from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { DropoutSeeds } from "./dropout-seeds.js";

/** Non-linearity between the two layers: `"gelu"` is the tanh approximation, `"gelu-erf"` the exact one. */
export type Activation = "relu" | "gelu" | "gelu-erf";

/** The functions by their names. */
const activations: Readonly<Record<Activation, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  gelu: geluTanh,
  "gelu-erf": geluErf,
};

/** Their names in the fused kernels. */
export const fusedNames: Readonly<Record<Activation, FusedActivation>> = {
  relu: "relu",
  gelu: "gelu-tanh",
  "gelu-erf": "gelu-erf",
};

/** Parameters of the two position-wise layers. */
export interface FeedForwardParams {
  /** `[model, inner]` and `[inner]` */
  readonly inner: LinearParams;
  /** `[inner, model]` and `[model]` */
  readonly outer: LinearParams;
}

/** New parameters: kernels N(0, innerDeviation²) and N(0, outerDeviation²), both .02 by default; biases 0. */
export function initFeedForward(
  sizes: {
    readonly modelSize: number;
    readonly innerSize: number;
    readonly innerDeviation?: number;
    readonly outerDeviation?: number;
  },
  rng: Rng,
): FeedForwardParams {
  const { modelSize, innerSize, innerDeviation = 0.02, outerDeviation = 0.02 } = sizes;
  return {
    inner: initLinear(
      { inputs: modelSize, outputs: innerSize, bias: true, deviation: innerDeviation },
      rng.split("inner"),
    ),
    outer: initLinear(
      { inputs: innerSize, outputs: modelSize, bias: true, deviation: outerDeviation },
      rng.split("outer"),
    ),
  };
}

/**
 * `outer(activation(inner(x)))` with dropout after each layer.
 *
 * @param x `[…, model]`
 * @returns `[…, model]`, owned by the caller.
 */
export function feedForward(
  params: FeedForwardParams,
  x: tf.Tensor,
  activation: Activation,
  seeds: DropoutSeeds,
): tf.Tensor {
  return tf.tidy(() => {
    if (hasFusedActivation()) {
      const inner = biasedActivation(params.inner, x, fusedNames[activation], seeds);
      return biasedActivation(params.outer, inner, "identity", seeds);
    }
    const active = activations[activation](linear(params.inner, x));
    return seeds.drop(linear(params.outer, seeds.drop(active)));
  });
}

/** `dropout(activation(x · kernel + bias))`: all but the product in one kernel. */
function biasedActivation(
  { kernel, bias }: LinearParams,
  x: tf.Tensor,
  kind: FusedActivation,
  seeds: DropoutSeeds,
): tf.Tensor {
  const dropout = seeds.next();
  return fusedActivation(linear({ kernel }, x), kind, {
    ...(bias === undefined ? {} : { bias }),
    ...(dropout === undefined ? {} : { dropout }),
  });
}
