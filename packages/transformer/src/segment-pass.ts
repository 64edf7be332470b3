import { leaves, tidyTree } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Compile } from "./compile.js";
import type { ForwardOptions, LanguageModel } from "./language-model.js";
import type { ForwardPass } from "./read.js";

/** Passes of one form that run as they are before one is recorded: a short prompt never waits for it. */
const PASSES_BEFORE_RECORDING = 3;

/** A pass that gets faster with use. */
export interface SegmentPass<State extends object> {
  readonly forward: ForwardPass<State>;
  signatures(): number;
  dispose(): void;
}

/**
 * The model's forward pass, compiled where that pays: for whole segments whose
 * state has had the same shapes a few times, as in a long text with full
 * memories. Everything else runs as it is.
 *
 * @param model with its parameters; must outlive the pass.
 */
export function segmentPass<State extends object>(
  model: LanguageModel<State>,
  compile: Compile,
): SegmentPass<State> {
  const met = new Map<string, number>();
  const compiled = compile(function segmentPass(
    state: State,
    tokens: tf.Tensor2D,
    stickySeeds: tf.Tensor2D | undefined,
    logits: ForwardOptions["logits"],
  ) {
    return tidyTree(() => {
      const options = { ...(logits ? { logits } : {}), ...(stickySeeds ? { stickySeeds } : {}) };
      const output = model.functions.forward(model, state, tokens, options);
      return { logits: output.logits, state: output.state };
    });
  });
  return {
    forward(state, tokens, options) {
      const { stickySeeds, logits } = options;
      if (tokens.shape[1] === model.config.segmentLength && options.seeds === undefined) {
        const form = `${logits} ${tokens.shape} ${leaves(state).map(({ tensor }) => tensor.shape.join())}`;
        const times = met.get(form) ?? 0;
        met.set(form, times + 1);
        if (times >= PASSES_BEFORE_RECORDING) return compiled(state, tokens, stickySeeds, logits);
      }
      return model.functions.forward(model, state, tokens, options);
    },
    signatures: () => compiled.signatures?.().length ?? 0,
    dispose: () => compiled.dispose(),
  };
}
