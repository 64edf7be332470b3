import { createRng, normals } from "@infinite-former/random";
import { disposeTree, leaves, mapTree, tidyTree } from "@infinite-former/tensor";
import { valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallCompressive } from "../test/compressive-model.js";
import { livelyModel, tokens } from "../test/model.js";
import type { CompressiveState } from "./compressive-state.js";
import { compressiveTransformer } from "./compressive-transformer.js";
import { forward } from "./forward.js";
import type { TransformerState } from "./state.js";

type Params = Record<string, unknown>;
/** Scalar: a random combination of the logits of the last of several segments, all read with these parameters. */
type Loss = (params: Params, throughPast: boolean) => tf.Scalar;

const segments = 5;

interface Reading {
  readonly state: object;
  readonly logits: tf.Tensor | null;
}

interface Case {
  readonly params: Params;
  readonly loss: Loss;
}

/** A model and its pass over one segment with other parameters. */
function caseOf<M extends { params: object; config: { segmentLength: number } }>(
  model: M,
  start: () => object,
  pass: (model: M, state: object, piece: tf.Tensor2D, throughPast: boolean) => Reading,
): Case {
  const rng = createRng(3);
  const length = model.config.segmentLength;
  const pieces = Array.from({ length: segments }, (_, index) => tokens(2 * length, 20 + index));
  const weights = normals(rng, 2 * length * 11);
  const loss: Loss = (params, throughPast) =>
    tf.tidy(() => {
      let state = start();
      let logits: tf.Tensor | null = null;
      for (const piece of pieces) {
        const out = pass({ ...model, params }, state, tf.tensor2d(piece, [2, length], "int32"), throughPast);
        state = out.state;
        logits = out.logits;
      }
      return tf.sum(tf.mul(logits as tf.Tensor, tf.tensor(weights, [2, length, 11]))) as tf.Scalar;
    });
  return { params: model.params as Params, loss };
}

function infiniteFormerCase(): Case {
  const model = livelyModel({ activation: "gelu" }); // no kinks
  const start = () => model.functions.initialState(model, 2);
  return caseOf(model, start, (now, state, piece, throughPast) =>
    forward(now, state as TransformerState, piece, { throughPast }),
  );
}

function compressiveCase(): Case {
  const model = smallCompressive();
  const start = () => model.functions.initialState(model, 2);
  return caseOf(model, start, (now, state, piece, throughPast) =>
    compressiveTransformer(now, state as CompressiveState, piece, { throughPast }),
  );
}

describe.each([
  ["∞-former", infiniteFormerCase],
  ["Compressive Transformer", compressiveCase],
])("gradients through the memories of the %s", (_, make) => {
  let params: Params;
  let loss: Loss;
  beforeAll(() => {
    ({ params, loss } = make());
    loss(params, true).dispose(); // makes the constants of the model
  });
  afterAll(() => disposeTree(params));

  it("are those of finite differences, by every parameter", () => {
    const before = tf.memory().numTensors;
    const { gradients, loss: whole } = valueAndGrad((now: Params) => ({ loss: loss(now, true), aux: {} }))(
      params,
    );
    const rng = createRng(9);
    const weak: string[] = [];
    const own = new Map(leaves(gradients).map(({ path, tensor }) => [path, tensor.dataSync()]));
    for (const { path, tensor } of leaves(params)) {
      const direction = normals(rng, tensor.size);
      const step = 1e-3;
      const at = (way: number): number => {
        const moved = tidyTree(() =>
          mapTree(params, (leaf, name) =>
            name === path ? tf.add(leaf, tf.mul(tf.tensor(direction, leaf.shape), way * step)) : leaf.clone(),
          ),
        );
        const value = loss(moved as Params, true);
        const [got] = value.dataSync();
        disposeTree([moved, value]);
        return got as number;
      };
      const slope = (way: number): number => (at(way) - at(-way)) / (2 * way * step);
      const want = (4 * slope(0.5) - slope(1)) / 3;
      const got = (own.get(path) as Float32Array).reduce(
        (sum, g, i) => sum + g * (direction[i] as number),
        0,
      );
      if (Math.abs(got - want) > 0.02 * Math.abs(want) + 0.02) weak.push(`${path}: ${got}, not ${want}`);
    }
    expect(weak).toEqual([]);
    disposeTree([gradients, whole]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("change nothing in the numbers, and are others than those of constant memories", () => {
    tf.tidy(() => {
      expect(loss(params, true).dataSync()).toEqual(loss(params, false).dataSync());
    });
    const embedding = "embedding";
    const of = (throughPast: boolean): Float32Array =>
      tf.tidy(
        () =>
          tf
            .grad((table: tf.Tensor) => loss({ ...params, [embedding]: table }, throughPast))(
              params[embedding] as tf.Tensor,
            )
            .dataSync() as Float32Array,
      );
    const [whole, last] = [of(true), of(false)];
    const furthest = whole.reduce((most, g, i) => Math.max(most, Math.abs(g - (last[i] as number))), 0);
    expect(furthest).toBeGreaterThan(1e-3);
  });
});
