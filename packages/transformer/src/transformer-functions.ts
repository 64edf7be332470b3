import type { TransformerConfig } from "./config.js";
import type { ForwardModel } from "./forward.js";
import { forward } from "./forward.js";
import type { LanguageModel, LanguageModelFunctions } from "./language-model.js";
import type { TransformerState } from "./state.js";
import { initialState, resetRows, stateRows } from "./state.js";
import { transformerDecoder } from "./transformer-decoder.js";

/** An ∞-former or a Transformer-XL. */
export interface TransformerModel extends LanguageModel<TransformerState>, ForwardModel {
  readonly config: TransformerConfig;
}

/** How both of them run. */
export const transformerFunctions: LanguageModelFunctions<ForwardModel, TransformerState> = {
  initialState: (model, batch, room) => initialState(model.config, batch, room),
  resetRows,
  unfinished: (state) => stateRows(state).current,
  forward,
  decoder: transformerDecoder,
};
