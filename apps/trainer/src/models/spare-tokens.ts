import type { LanguageModelFunctions } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

/** Added to a score that must not be drawn. */
const never = -1e30;

/**
 * How a model runs whose token table has rows that stand for no token: what is
 * written is never one of them. Training sees all rows.
 *
 * @param spare those rows, as `spareTokens` gives them.
 * @returns `functions` themselves where there are none.
 */
export function withoutSpareTokens<Model, State extends object>(
  functions: LanguageModelFunctions<Model, State>,
  rows: number,
  spare: readonly number[],
): LanguageModelFunctions<Model, State> {
  if (spare.length === 0) return functions;
  const bias = new Float32Array(rows);
  for (const id of spare) bias[id] = never;
  const masked = <T extends tf.Tensor>(logits: T): T => tf.tidy(() => tf.add(logits, tf.tensor1d(bias)) as T);
  const own = <T extends tf.Tensor>(logits: T): T => {
    const out = masked(logits);
    logits.dispose();
    return out;
  };
  const { decoder } = functions;
  return {
    ...functions,
    forward(...args) {
      const output = functions.forward(...args);
      return output.logits === null ? output : { ...output, logits: own(output.logits) };
    },
    ...(decoder && {
      decoder(...args: Parameters<typeof decoder>) {
        const made = decoder(...args);
        return {
          ...made,
          start(...from: Parameters<typeof made.start>) {
            const decoding = made.start(...from);
            return { ...decoding, step: (ids: ArrayLike<number>) => own(decoding.step(ids)) };
          },
        };
      },
    }),
  };
}
