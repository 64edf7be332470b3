import * as tf from "@tensorflow/tfjs-core";
import { hasKernel } from "./backend.js";
import { type WithGradient, withGradient } from "./custom-gradient.js";

/** What the kernels of native/kernels/activation.h know, by its number. */
export const activationKinds = { identity: 0, relu: 1, "gelu-tanh": 2, "gelu-erf": 3 } as const;

/** An elementwise function that the fused kernel computes. */
export type FusedActivation = keyof typeof activationKinds;

/** What else it does on the way. */
export interface ActivateOptions {
  /** `[size]`, added to x before the activation. */
  readonly bias?: tf.Tensor1D;
  /** Dropped with probability `rate` after the activation, by `seed` int32 `[2]`. */
  readonly dropout?: { readonly rate: number; readonly seed: tf.Tensor1D };
}

const fused = "InfiniteFormerActivation";

/** Whether the backend has the kernel that `fusedActivation` runs. */
export function hasFusedActivation(): boolean {
  return hasKernel(fused);
}

/**
 * `dropout(activation(x + bias))` as one kernel each way, where
 * `hasFusedActivation()`: x, bias and seed are kept for the gradient, which
 * computes the rest anew, the mask included.
 *
 * @param x `[…, size]`.
 * @returns the shape of `x`, owned by the caller. Differentiable in `x` and `bias`.
 */
export function fusedActivation<T extends tf.Tensor>(
  x: T,
  kind: FusedActivation,
  { bias, dropout }: ActivateOptions = {},
): T {
  const rate = dropout?.rate ?? 0;
  const attributes = { kind: activationKinds[kind], rate, scale: 1 / (1 - rate) };
  const seed = dropout?.seed;
  return withGradient<T>(bias ? [x, bias] : [x], (save): WithGradient<T> => {
    const given = { x, ...(bias ? { bias } : {}), ...(seed ? { seed } : {}) };
    const names = Object.keys(given);
    const [value] = tf.engine().runKernel(fused, given, attributes) as unknown as [T];
    save(Object.values(given));
    return {
      value,
      gradient: (cotangent, saved) => {
        const kept = Object.fromEntries(names.map((name, i) => [name, saved[i] as tf.Tensor]));
        const inputs = { ...kept, cotangent };
        const slopes = tf.engine().runKernel(`${fused}Grad`, inputs, attributes) as tf.Tensor[];
        return bias ? slopes : slopes.slice(0, 1);
      },
    };
  });
}
