import { disposeTree } from "@infinite-former/tensor";
import type { Compile } from "./loop.js";
import type { TrainStep } from "./step.js";

/** Makes functions fast that are freed one by one: like `compile` of the native backend. */
export type DisposableCompile = <A extends unknown[], R>(
  fn: (...args: A) => R,
) => ((...args: A) => R) & { dispose(): void };

/** How the beginning of a batch is read before its step. `B`: batch; `A`: what reads one segment. */
export interface PrefixReading<B extends { readonly memory: object }, A> {
  /** Reads one segment for its memory alone, which the caller owns. Pure; can be compiled. */
  readonly advance: A;
  /**
   * The batch with those segments read that get no gradient. Its `memory` is
   * owned by the caller, unless there was nothing to read; all else is borrowed.
   */
  readonly readPrefix: (advance: A, params: object, batch: B) => B;
}

/**
 * Compiles a training step in two parts: the reading of one segment without
 * gradient, called once a segment, and the rest. So the graphs do not grow with
 * the length of what is read, and nothing is kept for gradients that nobody
 * takes. The numbers are those of the step as it is, which reads the whole batch.
 *
 * @returns for the `compile` of a `TrainingLoop`, which compiles its step and nothing else.
 */
export function compileInParts<B extends { readonly memory: object }, A extends (...args: never[]) => object>(
  { advance, readPrefix }: PrefixReading<B, A>,
  compile: DisposableCompile,
): Compile {
  type Step = TrainStep<object, object, object, B>;
  const inParts = (step: Step): Step => {
    const read = compile(advance as unknown as (...args: unknown[]) => object);
    const rest = compile(step);
    const whole: Step = (params, optimizer, state, batch, learningRate, seed) => {
      const begun = readPrefix(read as unknown as A, params, batch);
      try {
        return rest(params, optimizer, state, begun, learningRate, seed);
      } finally {
        if (begun.memory !== batch.memory) disposeTree(begun.memory);
      }
    };
    const dispose = (): void => {
      read.dispose();
      rest.dispose();
    };
    return Object.assign(whole, { dispose });
  };
  return inParts as unknown as Compile;
}
