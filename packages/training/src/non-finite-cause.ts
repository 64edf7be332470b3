import { disposeTree, leaves } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { firstNonFinite } from "./finite.js";
import type { StepTask } from "./step.js";
import { valueAndGrad } from "./value-and-grad.js";

/** What went into the step that failed. */
export interface StepInputs<P extends object, O extends object, M extends object, B extends object> {
  readonly params: P;
  readonly optimizer: O;
  readonly state: M;
  readonly batch: B;
  readonly seed: tf.Tensor1D;
}

/** Path of the leaf with the largest number: what makes a norm overflow whose numbers do not. */
async function largest(tree: object): Promise<string> {
  let found = { path: "", most: -1 };
  for (const { path, tensor } of leaves(tree)) {
    let most = 0;
    for (const value of await tensor.data()) most = Math.max(most, Math.abs(value));
    if (most > found.most) found = { path, most };
  }
  return found.path;
}

/**
 * Finds where NaN or infinity entered a step: the first of parameters, state,
 * moments and batch that holds one; else, by doing the loss and its gradients
 * once more, the loss, a gradient, or the new state. Borrows all.
 *
 * @returns the tensor's path, like `params.layers.0.gain` or `gradients.embedding`; `norm of
 *   gradients.embedding` where all numbers are finite and only the norm is not.
 */
export async function nonFiniteCause<P extends object, O extends object, M extends object, B extends object>(
  task: StepTask<P, O, M, B>,
  { params, optimizer, state, batch, seed }: StepInputs<P, O, M, B>,
): Promise<string> {
  const found = await firstNonFinite({ params, state, optimizer, batch });
  if (found) return found.path;
  const { loss, gradients, aux } = valueAndGrad(
    (values: P) => {
      const { loss, state: next } = task.loss(values, state, batch, seed);
      return { loss, aux: { state: next } };
    },
    { optional: task.optional ?? [] },
  )(params);
  const results = { loss, gradients, "new state": aux.state };
  try {
    const late = await firstNonFinite(results);
    return late?.path ?? `norm of gradients.${await largest(gradients)}`;
  } finally {
    disposeTree(results);
  }
}
