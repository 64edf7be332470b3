import { cloneTree, concatRows, disposeTree, takeRows, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Compile } from "./compile.js";
import type { Decoder, Decoding } from "./decoder.js";
import type { DecoderParts, RowPlace } from "./decoder-parts.js";

/**
 * A decoder from the parts that a kind of model brings: `step` and `enter` are
 * compiled, and this keeps time. Rows of one batch may stand at different
 * places of their segments and have pasts of different length; every row is
 * entered into its next segment by itself.
 *
 * @param parts of the model's configuration.
 */
export function createDecoder<
  State extends object,
  Model,
  Weights extends object,
  Rings extends object,
  Noted extends object,
  LongTerm extends object,
  Reading extends object,
>(
  parts: DecoderParts<State, Model, Weights, Rings, Noted, LongTerm, Reading>,
  compile: Compile,
): Decoder<Model, State> {
  const { segmentLength, capacity } = parts;
  const step = compile(function decodingStep(...args: Parameters<typeof parts.step>) {
    return tidyTree(() => parts.step(...args));
  });
  const enter = compile(function segmentBorder(...args: Parameters<typeof parts.enter>) {
    return tidyTree(() => parts.enter(...args));
  });

  function start(model: Model, states: readonly State[], stickySeeds: tf.Tensor2D): Decoding<State> {
    const places: RowPlace[] = [];
    for (const state of states) {
      const { rows, current, recent } = parts.place(state);
      for (let row = 0; row < rows; row++) places.push({ current, recent, finished: false });
    }
    const laid = tidyTree(() => {
      const each = states.map((state) => parts.lay(model, state));
      return each.length === 1 ? (each[0] as (typeof each)[0]) : concatRows(each);
    });
    const weights = tidyTree(() => parts.weights(model));
    let { filled, rings, noted, longTerm } = laid;
    let reading: Reading | null = null;
    let time = 0;
    const waiting = new Set(places.keys()); // rows that stand before a segment that they have not entered
    places.forEach(({ current }, row) => {
      if (current > 0) waiting.delete(row);
    });

    /** Rows that leave equally many of their past enter together. */
    function enterSegments(): Reading {
      if (reading !== null && waiting.size === 0) return reading;
      const leavings = new Map<number, number[]>();
      for (const row of waiting) {
        const leaving = parts.leaving(places[row] as RowPlace);
        leavings.set(leaving, [...(leavings.get(leaving) ?? []), row]);
      }
      if (leavings.size === 0) leavings.set(0, []); // the texts stand inside of segments: nothing but to read
      for (const [leaving, entering] of leavings) {
        const flags = tf.tensor1d(Float32Array.from(places, (_, row) => Number(entering.includes(row))));
        const slots = tf.tensor1d(parts.leavingSlots(time, leaving), "int32");
        try {
          const next = enter(weights, { filled, rings, noted, longTerm }, stickySeeds, flags, slots, leaving);
          disposeTree([noted, longTerm, reading ?? []]);
          ({ noted, longTerm, reading } = next);
        } finally {
          tf.dispose([flags, slots]);
        }
        for (const row of entering) waiting.delete(row);
      }
      return reading as unknown as Reading;
    }

    /** Whole segments become past. */
    function finishSegments(): void {
      const finished = places.map(({ current }) => current === segmentLength);
      if (!finished.includes(true)) return;
      const before = filled;
      filled = tf.tidy(() => {
        const added = tf.tensor1d(Float32Array.from(finished, (is) => (is ? segmentLength : 0)));
        return tf.minimum(tf.add(before, added), capacity) as tf.Tensor1D;
      });
      before.dispose();
      finished.forEach((is, row) => {
        if (!is) return;
        const { recent } = places[row] as RowPlace;
        places[row] = { current: 0, recent: Math.min(recent + segmentLength, capacity), finished: true };
        waiting.add(row);
      });
    }

    return {
      rows: places.length,
      step(ids) {
        const now = enterSegments();
        const known = parts.stepInput(time, places);
        const input = new Int32Array(known.length + places.length);
        input.set(known);
        for (let row = 0; row < places.length; row++) input[known.length + row] = ids[row] as number;
        const next = withTensor(input, (tensor) => step(weights, { rings, noted, reading: now }, tensor));
        disposeTree([rings, noted]);
        ({ rings, noted } = next);
        time++;
        places.forEach((place, row) => {
          places[row] = { ...place, current: place.current + 1 };
        });
        finishSegments();
        return next.logits;
      },
      state: (row) =>
        tidyTree(() => {
          const tensors = cloneTree({ filled, rings, noted, longTerm });
          const own = places.length === 1 ? tensors : takeRows(tensors, [row]);
          return parts.state(own, places[row] as RowPlace, time, weights);
        }),
      dispose() {
        disposeTree([weights, filled, rings, noted, longTerm, reading ?? []]);
      },
    };
  }

  return {
    start,
    signatures: () => (step.signatures?.().length ?? 0) + (enter.signatures?.().length ?? 0),
    dispose() {
      step.dispose();
      enter.dispose();
    },
  };
}

/** A call with numbers as a tensor, which is freed however it ends. */
function withTensor<R>(numbers: Int32Array, call: (tensor: tf.Tensor1D) => R): R {
  const tensor = tf.tensor1d(numbers, "int32");
  try {
    return call(tensor);
  } finally {
    tensor.dispose();
  }
}
