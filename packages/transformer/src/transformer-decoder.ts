import type { Compile } from "./compile.js";
import { hasLongTerm } from "./config.js";
import { createDecoder } from "./create-decoder.js";
import type { Decoder } from "./decoder.js";
import { enterSegment } from "./decoding-segment.js";
import { layState, ringSizes, stateOf } from "./decoding-state.js";
import { decodingStep } from "./decoding-step.js";
import { decodingWeights } from "./decoding-weights.js";
import type { ForwardModel } from "./forward.js";
import { slotsByAge } from "./ring.js";
import type { TransformerState } from "./state.js";
import { recentCapacity, stateRows } from "./state.js";

/**
 * How an ∞-former or a Transformer-XL writes: one token a row at a time, in
 * tensors whose shapes never change, at the cost of one row. The numbers are
 * those of `forward`.
 *
 * @param model gives configuration and constants; borrowed for the decoder's life.
 */
export function transformerDecoder(
  { config, plan }: Pick<ForwardModel, "config" | "plan">,
  compile: Compile,
): Decoder<ForwardModel, TransformerState> {
  const { segmentLength, shortTermLength } = config;
  const slots = ringSizes(config);
  return createDecoder(
    {
      segmentLength,
      capacity: recentCapacity(config),
      weights: (model: ForwardModel) => decodingWeights(model, slots.keys),
      place: (state: TransformerState) => ({ ...stateRows(state), rows: state.filled.shape[0] }),
      lay: layState,
      leaving: ({ recent }) => (hasLongTerm(config) ? Math.max(0, recent - shortTermLength) : 0),
      leavingSlots: (time, leaving) =>
        slotsByAge(time - 1, slots.rows, shortTermLength, Math.max(1, leaving)),
      enter: (...args) => enterSegment({ config, plan }, ...args),
      stepInput(time, places) {
        const current = places.map((place) => place.current);
        return Int32Array.from([time % slots.keys, time % slots.rows, ...current]);
      },
      step: (...args) => decodingStep({ config, plan }, ...args),
      state: (tensors, place, time) => stateOf(config, tensors, place, time),
    },
    compile,
  );
}
