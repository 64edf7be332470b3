import { cloneTree } from "@infinite-former/tensor";
import type { Compile, Decoder } from "@infinite-former/transformer";
import { createDecoder, slotsByAge } from "@infinite-former/transformer";
import { memoryLayers } from "./config.js";
import { enterSegment } from "./decoding-segment.js";
import { layState, placeOf, stateOf } from "./decoding-state.js";
import { decodingStep } from "./decoding-step.js";
import type { Gpt2Model } from "./model.js";
import type { Gpt2State } from "./state.js";

/**
 * How a GPT-2 writes: one token a row at a time, in tensors whose shapes never
 * change, at the cost of one row. The numbers are those of `gpt2`.
 *
 * @param model gives configuration and constants; borrowed for the decoder's life.
 */
export function gpt2Decoder(
  { config, plan }: Pick<Gpt2Model, "config" | "plan">,
  compile: Compile,
): Decoder<Gpt2Model, Gpt2State> {
  const length = config.segmentLength;
  return createDecoder(
    {
      segmentLength: length,
      capacity: length,
      weights: ({ params }: Gpt2Model) => cloneTree(params),
      place: (state: Gpt2State) => placeOf(config, state),
      lay: (_, state) => layState(config, state),
      leaving: ({ recent }) => (memoryLayers(config).length > 0 ? recent : 0),
      leavingSlots: (time, leaving) => slotsByAge(time - 1, 2 * length, 0, Math.max(1, leaving)),
      enter: (...args) => enterSegment({ config, plan }, ...args),
      stepInput(time, places) {
        const current = places.map((place) => place.current);
        return Int32Array.from([time % length, time % (2 * length), ...current]);
      },
      step: (...args) => decodingStep({ config, plan }, ...args),
      state: (tensors, place, time) => stateOf(config, tensors, place, time),
    },
    compile,
  );
}
