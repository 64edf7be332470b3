import type { Rng } from "@infinite-former/random";
import { tidyTree } from "@infinite-former/tensor";
import {
  type CompressiveState,
  type CompressiveTransformerOptions,
  type CompressiveTransformerParams,
  compressiveTransformer,
  createCompressiveTransformer,
  createInfiniteFormer,
  createTransformerXl,
  disposeCompressiveTransformer,
  disposeInfiniteFormer,
  disposeTransformerXl,
  forward,
  hasLongTerm,
  type InfiniteFormerOptions,
  meanPenalty,
  stickyRowSeeds,
  type TransformerModel,
  type TransformerParams,
  type TransformerState,
  type TransformerXlOptions,
} from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { RecallModelName } from "./model-names.js";

/** What one segment gives; owned by the caller. */
interface Reading {
  /** `[rows, segmentLength, words]` */
  readonly logits: tf.Tensor3D;
  readonly state: object;
  /** What the model adds to its loss, unweighted; `null` where it has nothing. */
  readonly penalty: tf.Scalar | null;
}

/** A model of any kind: functions over parameters and state, which only they look into. */
export interface RecallModel {
  readonly params: object;
  /** Empty memories of full size, owned by the caller. */
  initialState(rows: number): object;
  /** The state with some rows (`fresh` is 1) empty. */
  resetRows(state: object, fresh: tf.Tensor1D): object;
  /**
   * One segment, `[rows, segmentLength]` int32; borrows all. The next state is constant for any gradient.
   *
   * @param seed `[2]` int32, for the draws of sticky memories.
   */
  read(params: object, state: object, tokens: tf.Tensor2D, seed: tf.Tensor1D): Reading;
  /** Frees parameters and constants. */
  dispose(): void;
}

/**
 * A model with new parameters.
 *
 * @param options of the model's own package, size of the vocabulary included.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function createRecallModel(name: RecallModelName, options: object, rng: Rng): RecallModel {
  if (name === "compressive") return compressive(options as CompressiveTransformerOptions, rng);
  if (name === "none" || name === "transformer-xl") {
    const model = createTransformerXl(options as TransformerXlOptions, rng);
    return transformer(model, () => disposeTransformerXl(model));
  }
  const model = createInfiniteFormer(options as InfiniteFormerOptions, rng);
  return transformer(model, () => disposeInfiniteFormer(model));
}

function transformer(model: TransformerModel, dispose: () => void): RecallModel {
  const { config, functions } = model;
  return {
    params: model.params,
    initialState: (rows) => functions.initialState(model, rows, "full"),
    resetRows: (state, fresh) => functions.resetRows(state as TransformerState, fresh),
    read: (params, state, tokens, seed) =>
      tidyTree(() => {
        const own = { ...model, params: params as TransformerParams };
        const stickySeeds = stickyRowSeeds(seed, tokens.shape[0]);
        const output = forward(own, state as TransformerState, tokens, { stickySeeds });
        const penalty = hasLongTerm(config) ? meanPenalty(output) : null;
        return { logits: output.logits as tf.Tensor3D, state: output.state, penalty };
      }),
    dispose,
  };
}

function compressive(options: CompressiveTransformerOptions, rng: Rng): RecallModel {
  const model = createCompressiveTransformer(options, rng);
  const { config, functions } = model;
  return {
    params: model.params,
    initialState: (rows) => functions.initialState(model, rows, "full"),
    resetRows: (state, fresh) => functions.resetRows(state as CompressiveState, fresh),
    read: (params, state, tokens) =>
      tidyTree(() => {
        const own = { config, params: params as CompressiveTransformerParams };
        const output = compressiveTransformer(own, state as CompressiveState, tokens, { auxiliary: true });
        return { logits: output.logits as tf.Tensor3D, state: output.state, penalty: output.auxiliaryLoss };
      }),
    dispose: () => disposeCompressiveTransformer(model),
  };
}
