import type { Compiler } from "@infinite-former/command-line";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { adamWOptimizer, createTrainStep, crossEntropy, stepSeed } from "@infinite-former/training";
import {
  createInfiniteFormer,
  forward,
  type InfiniteFormer,
  initialState,
  type TransformerParams,
  type TransformerState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

const [segmentLength, rows, steps, learningRate] = [64, 16, 1500, 2e-3];
/** Updates over which the loss is told. */
const last = 50;

interface Batch {
  readonly inputs: tf.Tensor2D;
  readonly targets: tf.Tensor2D;
}

/**
 * A small ∞-former over bytes, trained with its memories: 16 rows, each of
 * which reads on where it was, 1,500 updates.
 *
 * @param bytes the text; each row begins at another sixteenth of it.
 * @returns the model, owned by the caller, and its mean loss over the last 50 updates, in nats per byte.
 */
export function trainedModel(
  bytes: Uint8Array,
  compile: Compiler,
): { readonly model: InfiniteFormer; readonly loss: number } {
  const model = createInfiniteFormer(
    {
      vocabularySize: 256,
      layers: 4,
      modelSize: 64,
      heads: 2,
      innerSize: 256,
      segmentLength,
      shortTermLength: segmentLength,
      longTerm: { basisCount: 64, sampleCount: 128 },
    },
    createRng(1),
  );
  const optimizer = adamWOptimizer<TransformerParams>();
  const step = compile(
    createTrainStep<TransformerParams, ReturnType<typeof optimizer.init>, TransformerState, Batch>({
      optimizer,
      clipNorm: 1,
      loss(params, state, { inputs, targets }) {
        const out = forward({ ...model, params }, state, inputs);
        return { loss: crossEntropy(out.logits as tf.Tensor3D, targets).loss, state: out.state };
      },
      optional: ["layers"], // the long-term memory is empty in the first segments
    }),
  );
  let params = model.params;
  let moments = optimizer.init(params);
  let state: TransformerState = initialState(model.config, rows);
  let loss = 0;
  for (let index = 0; index < steps; index++) {
    const batch = batchAt(bytes, index);
    const rate = tf.scalar(learningRate * Math.min(1, (index + 1) / 100) * (1 - index / steps));
    const seed = stepSeed(1, index);
    const next = step(params, moments, state, batch, rate, seed);
    if (index >= steps - last) loss += (next.loss.dataSync()[0] as number) / last;
    disposeTree([
      params,
      moments,
      state,
      batch,
      rate,
      seed,
      next.loss,
      next.gradientNorm,
      next.finite,
      next.metrics,
    ]);
    ({ params, optimizer: moments, state } = next);
  }
  disposeTree([moments, state]);
  step.dispose();
  return { model: { ...model, params }, loss };
}

function batchAt(bytes: Uint8Array, index: number): Batch {
  const stretch = Math.floor(bytes.length / rows);
  const ids = (shift: number): tf.Tensor2D => {
    const all = Array.from({ length: rows }, (_, row) => {
      const from = row * stretch + ((index * segmentLength) % (stretch - segmentLength - 1)) + shift;
      return Array.from(bytes.subarray(from, from + segmentLength));
    });
    return tf.tensor2d(all, [rows, segmentLength], "int32");
  };
  return { inputs: ids(0), targets: ids(1) };
}
