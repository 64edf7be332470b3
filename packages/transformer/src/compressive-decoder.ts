import { layerNorm, mapTree, rowLinear, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Compile } from "./compile.js";
import type { CompressiveTransformerConfig } from "./compressive-config.js";
import {
  type CompressiveDecoding,
  type CompressivePast,
  type CompressiveRings,
  compressivePlace,
  compressiveStateOf,
  layCompressiveState,
  rememberDecoded,
  segmentRows,
  withKeys,
} from "./compressive-decoding.js";
import { embedCompressive } from "./compressive-embedding.js";
import type { CompressiveForwardModel } from "./compressive-forward.js";
import type { CompressiveLayerParams, CompressiveTransformerParams } from "./compressive-params.js";
import type { CompressiveState } from "./compressive-state.js";
import { createDecoder } from "./create-decoder.js";
import type { Decoder } from "./decoder.js";
import { gatedResidual } from "./gated-residual.js";
import { slotsByAge, writeRing } from "./ring.js";
import { type OlderRows, type RingView, ringAttention, ringView } from "./ring-attention.js";
import { rowFeedForward } from "./row-feed-forward.js";
import { fewRows } from "./row-product.js";
import { type PlainOutput, tokenScores } from "./token-scores.js";

/** Parameters, and per layer `[model, 3·H·d]`: queries, keys, values in one product. */
interface Weights {
  readonly params: CompressiveTransformerParams;
  readonly projections: readonly tf.Tensor2D[];
}

/** What every step of a segment reads. */
interface Reading {
  /** `[batch]` int32: rows of the memories that count. */
  readonly seen: tf.Tensor1D;
  /** Per slot; empty where there is no memory at all. */
  readonly older: readonly Pick<OlderRows, "keys" | "values">[];
}

/**
 * How a Compressive Transformer writes: one token a row at a time, in tensors
 * whose shapes never change. The numbers are those of `compressiveForward`.
 *
 * Rings hold the segment; keys and values of compressed and short-term memory
 * are projected at its border, since a layer may read another one's memory.
 */
export function compressiveDecoder(
  { config }: Pick<CompressiveForwardModel, "config">,
  compile: Compile,
): Decoder<CompressiveForwardModel, CompressiveState> {
  const { segmentLength, shortTermLength } = config;
  return createDecoder(
    {
      segmentLength,
      capacity: shortTermLength + segmentLength,
      weights: (model: CompressiveForwardModel): Weights => ({
        params: mapTree(model.params, (x) => tf.clone(x)),
        projections: model.params.layers.map(({ attention: { queries, keysAndValues } }) =>
          tf.concat2d([queries.kernel, keysAndValues.kernel], 1),
        ),
      }),
      place: compressivePlace,
      lay: layCompressiveState,
      leaving: ({ finished }) => (finished ? segmentLength : 0),
      leavingSlots: (time) => slotsByAge(time - 1, segmentLength, 0, segmentLength),
      enter: (weights: Weights, tensors: CompressiveDecoding, _, flags, slots, leaving) =>
        enterSegment(config, weights.params, tensors, flags, slots, leaving),
      stepInput: (time, places) =>
        Int32Array.from([time % segmentLength, ...places.map((place) => place.current)]),
      step: (weights: Weights, tensors, input) => decodingStep(config, weights, tensors, input),
      state: (tensors, place, time, { params }) => compressiveStateOf(config, params, tensors, place, time),
    },
    compile,
  );
}

function enterSegment(
  config: CompressiveTransformerConfig,
  { layers }: CompressiveTransformerParams,
  { filled, rings, longTerm }: CompressiveDecoding,
  flags: tf.Tensor1D,
  slots: tf.Tensor1D,
  leaving: number,
): { noted: readonly tf.Tensor2D[]; longTerm: readonly CompressivePast[]; reading: Reading } {
  return tidyTree(() => {
    const next =
      leaving === 0 ? longTerm : entered(config, layers, { filled, rings, longTerm }, flags, slots);
    const recent = tf.minimum(filled, config.shortTermLength);
    const [first] = next;
    const seen = first?.compressed ? tf.add(recent, first.compressed.filled) : recent;
    return {
      noted: [],
      longTerm: mapTree(next, (x) => tf.clone(x)),
      reading: {
        seen: tf.cast(seen, "int32") as tf.Tensor1D,
        older: next.flatMap(({ keys, values }) =>
          keys && values ? [{ keys: tf.clone(keys), values: tf.clone(values) }] : [],
        ),
      },
    };
  });
}

/** The past of rows that enter a segment; of the others as it was. */
function entered(
  config: CompressiveTransformerConfig,
  layers: readonly CompressiveLayerParams[],
  { filled, rings, longTerm }: Pick<CompressiveDecoding, "filled" | "rings" | "longTerm">,
  flags: tf.Tensor1D,
  slots: tf.Tensor1D,
): CompressivePast[] {
  const memories = rememberDecoded(config, layers, longTerm, filled, segmentRows(rings, slots));
  const fresh = withKeys(config, layers, memories);
  const chosen = tf.greater(flags, 0);
  const choose = <T extends tf.Tensor>(now: T, before: T): T =>
    tf.where(tf.reshape(chosen, [-1, ...now.shape.slice(1).map(() => 1)]), now, before) as T;
  return fresh.map((own, slot) => {
    const before = longTerm[slot] as CompressivePast;
    const { recent, compressed, keys, values } = own;
    return {
      ...(recent && before.recent && { recent: choose(recent, before.recent) }),
      ...(compressed &&
        before.compressed && {
          compressed: {
            rows: choose(compressed.rows, before.compressed.rows),
            filled: choose(compressed.filled, before.compressed.filled),
          },
        }),
      ...(keys && before.keys && { keys: choose(keys, before.keys) }),
      ...(values && before.values && { values: choose(values, before.values) }),
    };
  });
}

function decodingStep(
  config: CompressiveTransformerConfig,
  { params, projections }: Weights,
  { rings, reading }: { readonly rings: readonly CompressiveRings[]; readonly reading: Reading },
  input: tf.Tensor1D,
): { logits: tf.Tensor2D; rings: readonly CompressiveRings[]; noted: readonly tf.Tensor2D[] } {
  const { segmentLength, positionTable, memoryLayers, activation } = config;
  const [batch] = reading.seen.shape;
  return tidyTree(() => {
    const slot = tf.slice(input, [0], [1]);
    const view: RingView = ringView(slot, tf.slice(input, [1], [batch]) as tf.Tensor1D, segmentLength);
    const origin = positionTable === "moving" && {
      origin: tf.add(reading.seen, tf.scalar(segmentLength - 1, "int32")) as tf.Tensor1D,
    };
    const relative = { distances: params.positions, ...origin };
    const ids = tf.slice(input, [1 + batch], [batch]) as tf.Tensor1D;
    let x = embedCompressive(config, params, ids);
    const next: CompressiveRings[] = [];
    params.layers.forEach((layer, index) => {
      const own = rings[index] as CompressiveRings;
      const behind = reading.older[memoryLayers.indexOf(index)];
      const rows = layerNorm(layer.attentionNorm, x) as tf.Tensor2D;
      const read = ringAttention({
        projected: rowLinear({ kernel: projections[index] as tf.Tensor2D }, rows),
        keys: own.keys,
        values: own.values,
        view,
        relative,
        scale: 1 / Math.sqrt(config.headSize),
        ...(behind && { older: { ...behind, count: reading.seen } }),
      });
      next.push({ keys: read.keys, values: read.values, rows: writeRing(own.rows, rows, slot) });
      const middle = residual(layer.attentionGate, x, (added) =>
        rowLinear(layer.attention.output, read.context, added),
      );
      const inner = layerNorm(layer.feedForwardNorm, middle) as tf.Tensor2D;
      x = residual(layer.feedForwardGate, middle, ({ residual }) =>
        rowFeedForward(layer.feedForward, inner, activation, residual),
      );
    });
    const logits = tokenScores(params, params.output as PlainOutput, x, fewRows);
    return { logits, rings: next, noted: [] };
  });
}

/** A sub-layer's output joined to the stream; a sum is the last product's own. */
function residual(
  gate: CompressiveLayerParams["attentionGate"],
  x: tf.Tensor2D,
  output: (added: { readonly residual?: tf.Tensor2D }) => tf.Tensor2D,
): tf.Tensor2D {
  return gate === undefined ? output({ residual: x }) : (gatedResidual(gate, x, output({})) as tf.Tensor2D);
}
