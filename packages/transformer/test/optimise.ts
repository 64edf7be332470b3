import { cloneTree, disposeTree, tidyTree } from "@infinite-former/tensor";
import {
  adamW,
  clipByGlobalNorm,
  initAdamW,
  resolveAdamWConfig,
  valueAndGrad,
} from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Steps of AdamW on a loss, gradients clipped to norm 1.
 *
 * @param initial borrowed.
 * @param loss may differ from step to step.
 * @param done asked before every tenth step; ends early.
 * @returns the last parameters, owned by the caller.
 */
export function optimise<P extends object>(
  initial: P,
  loss: (params: P, step: number) => tf.Tensor,
  options: { readonly steps: number; readonly learningRate: number },
  done: (params: P) => boolean = () => false,
): P {
  const config = resolveAdamWConfig();
  let params = cloneTree(initial);
  let moments = initAdamW(params);
  for (let step = 0; step < options.steps && !(step % 10 === 0 && done(params)); step++) {
    const next = tidyTree(() => {
      const { gradients } = valueAndGrad((now: P) => ({ loss: loss(now, step), aux: {} }))(params);
      const clipped = clipByGlobalNorm(gradients, 1).gradients;
      return adamW(config, params, clipped, moments, tf.scalar(options.learningRate));
    });
    disposeTree([params, moments]);
    ({ params, state: moments } = next);
  }
  disposeTree(moments);
  return params;
}
