import type { DropoutSeeds, LanguageModel } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { LanguageModelConfig } from "../language-model.js";

/** How a training step passes over one segment. */
export interface PassOptions {
  readonly seeds: DropoutSeeds;
  /** `[batch, 2]` int32: seeds of sticky memories. */
  readonly stickySeeds?: tf.Tensor2D;
  /** Whether the penalty is wanted; it is by default. */
  readonly penalty?: boolean;
}

/** What one pass gives; all owned by the caller. */
export interface Pass {
  /** `[batch, tokens, vocabulary]`; `null` where the model's clusters make them unnecessary. */
  readonly logits: tf.Tensor3D | null;
  /** `[batch, tokens, model]`: what the output layer sees. */
  readonly features: tf.Tensor3D;
  readonly state: object;
  /** Scalar: what the kind adds to its loss, weighted (KL of the densities, reconstruction); `null` where it adds nothing, or none is wanted. */
  readonly penalty: tf.Scalar | null;
}

/** What a kind of model has for the trainer beside what makes it a language model. */
export interface TrainerParts {
  /** Whether a step draws random positions, from seeds that `pass` wants. */
  readonly sticky: boolean;
  /** One segment with its penalty. Pure; can be compiled. */
  pass(params: object, state: object, tokens: tf.Tensor2D, options: PassOptions): Pass;
  /** Frees the constants; parameters are the holder's. */
  disposeConstants(): void;
}

/**
 * A model of any kind as the trainer holds it: parameters and state are trees
 * of tensors that only the kind's own functions look into.
 */
export interface TrainerModel extends LanguageModel<object>, TrainerParts {
  readonly config: LanguageModelConfig;
  readonly params: object;
}
