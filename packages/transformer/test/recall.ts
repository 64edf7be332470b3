import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { crossEntropy } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModelOutput } from "../src/index.js";
import { optimise } from "./optimise.js";

const [batch, segments, symbols, filler] = [8, 4, 4, 4];

/** Sizes of a model for the task; its short-term memory does not reach back to the first segment. */
export const recallSizes: Readonly<
  Record<
    "vocabularySize" | "layers" | "modelSize" | "heads" | "innerSize" | "segmentLength" | "shortTermLength",
    number
  >
> = {
  vocabularySize: symbols + 1,
  layers: 1,
  modelSize: 16,
  heads: 2,
  innerSize: 32,
  segmentLength: 4,
  shortTermLength: 4,
};

/** One pass of the model under test; the last of a sequence asks for logits, and for what else the loss needs. */
export type RecallPass<P, State extends object> = (
  params: P,
  state: State,
  tokens: tf.Tensor2D,
  logits: "last" | "none",
) => LanguageModelOutput<State> & { readonly regulariser: tf.Scalar };

/**
 * Trains a model to name the first token of a sequence at its very end, after
 * nothing but filler: gradients through the last segment only.
 *
 * @param initial parameters; borrowed. @param empty the state before the first token of a batch of 8.
 * @returns the smallest accuracy over four batches; guessing gives 1/4.
 */
export function recall<P extends object, State extends object>(
  initial: P,
  empty: State,
  pass: RecallPass<P, State>,
): number {
  const { segmentLength, vocabularySize } = recallSizes;
  const lastSegment = (params: P, seed: number): { loss: tf.Tensor; accuracy: tf.Tensor } => {
    const rng = createRng(seed);
    const answers = Array.from({ length: batch }, () => rng.integer(0, symbols));
    let state = empty;
    for (let index = 0; ; index++) {
      const ids = answers.flatMap((answer) =>
        Array.from({ length: segmentLength }, (_, i) => (index + i === 0 ? answer : filler)),
      );
      const last = index === segments - 1;
      const piece = tf.tensor2d(ids, [batch, segmentLength], "int32");
      const out = pass(params, state, piece, last ? "last" : "none");
      state = out.state;
      if (!last) continue;
      const logits = tf.reshape(out.logits as tf.Tensor3D, [batch, vocabularySize]) as tf.Tensor2D;
      const wanted = tf.tensor1d(answers, "int32");
      return {
        loss: tf.add(crossEntropy(logits, wanted).loss, out.regulariser),
        accuracy: tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), wanted), "float32")),
      };
    }
  };
  let accuracy = 0;
  const params = optimise(
    initial,
    (now, step) => lastSegment(now, 100 + step).loss,
    { steps: 300, learningRate: 0.02 },
    (now) => {
      const scores = [1, 2, 3, 4].map((seed) => {
        const score = tf.tidy(() => lastSegment(now, seed).accuracy);
        const [value] = score.dataSync();
        score.dispose();
        return value as number;
      });
      accuracy = Math.min(...scores);
      return accuracy === 1;
    },
  );
  disposeTree(params);
  return accuracy;
}
