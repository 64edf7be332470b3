import type { LanguageModelFunctions } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

/** Added to a score that must not be drawn. */
const never = -1e30;

/**
 * How a model runs whose token table has more rows than the vocabulary has
 * tokens, as tables have that were padded to a round size: what is written is
 * never one of the rows that stand for nothing. Training sees all rows.
 *
 * @returns `functions` themselves where there are no such rows.
 */
export function withoutSpareTokens<Model, State extends object>(
  functions: LanguageModelFunctions<Model, State>,
  rows: number,
  tokens: number,
): LanguageModelFunctions<Model, State> {
  if (rows <= tokens) return functions;
  const bias = new Float32Array(rows).fill(never, tokens);
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
