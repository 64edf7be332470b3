import { disposeTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feed } from "../test/feed.js";
import { numbers, smallModel, tokens } from "../test/model.js";
import { forward } from "./forward.js";
import type { InfiniteFormer } from "./infinite-former.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import type { TransformerState } from "./state.js";
import { initialState, resetRows } from "./state.js";

/** Sums of some dozen float32 products in another order. */
const close = { abs: 2e-5, rel: 2e-5 };

describe("forward", () => {
  let model: InfiniteFormer;
  beforeAll(() => {
    model = smallModel();
  });
  afterAll(() => disposeInfiniteFormer(model));
  const whole = [5, 5, 5, 5, 5];
  const rows = [tokens(25, 1), tokens(25, 2)];

  it("gives the same numbers by segments, in pieces, and a token at a time", () => {
    const bySegment = feed(model, rows, whole, initialState(model.config, 2));
    for (const sizes of [[2, 3, 5, 1, 4, 4, 1, 3, 2], Array.from({ length: 25 }, () => 1)]) {
      const inPieces = feed(model, rows, sizes, initialState(model.config, 2));
      for (const [b, want] of bySegment.logits.entries())
        expectClose(inPieces.logits[b] as number[], want, close);
      const want = numbers(bySegment.state);
      for (const [name, got] of Object.entries(numbers(inPieces.state))) {
        expectClose(got, want[name] as number[], { ...close, name });
      }
      disposeTree(inPieces.state);
    }
    disposeTree(bySegment.state);
  });

  it("gives the same logits with memories that grow and with memories of full size", () => {
    const growing = feed(model, rows, whole, initialState(model.config, 2, "growing"));
    const full = feed(model, rows, whole, initialState(model.config, 2, "full"));
    for (const [b, want] of growing.logits.entries()) expectClose(full.logits[b] as number[], want, close);
    disposeTree(growing.state);
    disposeTree(full.state);
  });

  it("keeps batch rows apart", () => {
    const both = feed(model, rows, whole, initialState(model.config, 2));
    rows.forEach((row, b) => {
      const alone = feed(model, [row], whole, initialState(model.config, 1));
      expectClose(both.logits[b] as number[], alone.logits[0] as number[], close);
      disposeTree(alone.state);
    });
    disposeTree(both.state);
  });

  it("uses the long-term memory: a change beyond the short-term memory changes the logits", () => {
    const changed = [...(rows[0] as number[])];
    changed[0] = ((changed[0] as number) + 1) % 11;
    const a = feed(model, [rows[0] as number[]], whole, initialState(model.config, 1));
    const b = feed(model, [changed], whole, initialState(model.config, 1));
    // Token 0 lies 20 tokens back for the last segment; blocks reach 5 back each, so 2 of them reach 10.
    const last = (logits: number[]): number[] => logits.slice(-5 * 11);
    const difference = last(a.logits[0] as number[]).map((value, i) =>
      Math.abs(value - (last(b.logits[0] as number[])[i] as number)),
    );
    expect(Math.max(...difference)).toBeGreaterThan(1e-6);
    disposeTree(a.state);
    disposeTree(b.state);
  });

  it("starts a row afresh without touching the other", () => {
    for (const room of ["growing", "full"] as const) {
      const first = feed(model, rows, whole, initialState(model.config, 2, room));
      const reset = tf.tidy(
        () => resetRows(first.state, tf.tensor1d([0, 1])) as unknown as tf.TensorContainer,
      ) as unknown as TransformerState;
      disposeTree(first.state);
      const more = [tokens(20, 3), tokens(20, 4)];
      const after = feed(model, more, [5, 5, 5, 5], reset);
      const kept = feed(
        model,
        [[...(rows[0] as number[]), ...(more[0] as number[])]],
        [...whole, 5, 5, 5, 5],
        initialState(model.config, 1),
      );
      const fresh = feed(model, [more[1] as number[]], [5, 5, 5, 5], initialState(model.config, 1));
      expectClose(after.logits[0] as number[], (kept.logits[0] as number[]).slice(25 * 11), close);
      expectClose(after.logits[1] as number[], fresh.logits[0] as number[], close);
      for (const { state } of [after, kept, fresh]) disposeTree(state);
    }
  });

  it("gives the logits of the last positions alone, with the same state, penalties and gradients", () => {
    const { params, config } = model;
    const state = feed(model, rows, whole, initialState(config, 2)).state;
    const ids = tf.tensor2d([tokens(5, 3), tokens(5, 4)].flat(), [2, 5], "int32");
    const run = (count: number) => {
      let out: ReturnType<typeof forward> | undefined;
      const loss = (queries: tf.Tensor, inner: tf.Tensor, mean: tf.Tensor): tf.Tensor => {
        const layers = params.layers.map((layer) => ({
          ...layer,
          attention: { ...layer.attention, queries: { kernel: queries as tf.Tensor2D } },
          feedForward: {
            ...layer.feedForward,
            inner: { ...layer.feedForward.inner, kernel: inner as tf.Tensor2D },
          },
          longTerm: {
            ...layer.longTerm,
            attention: { ...layer.longTerm?.attention, mean: mean as tf.Tensor1D },
          },
        }));
        const given = { ...model, params: { ...params, layers } } as typeof model;
        out = forward(given, state, ids, count === 5 ? {} : { logits: count });
        const logits = out.logits as tf.Tensor3D;
        const last = tf.slice(logits, [0, logits.shape[1] - 2, 0], [2, 2, -1]);
        return tf.add(tf.sum(tf.square(last)), tf.sum(out.penalties as tf.Tensor2D));
      };
      const [layer] = params.layers;
      const operands = [
        layer?.attention.queries.kernel as tf.Tensor,
        layer?.feedForward.inner.kernel as tf.Tensor,
        layer?.longTerm?.attention.mean as tf.Tensor,
      ];
      const slopes = tf
        .grads(loss)(operands)
        .flatMap((slope) => Array.from(slope.dataSync()));
      loss(...(operands as [tf.Tensor, tf.Tensor, tf.Tensor]));
      const { logits, penalties, state: next } = out as ReturnType<typeof forward>;
      return {
        shape: (logits as tf.Tensor3D).shape,
        logits: Array.from((logits as tf.Tensor3D).dataSync()),
        slopes,
        penalties: Array.from((penalties as tf.Tensor2D).dataSync()),
        ...numbers(next),
      };
    };
    tf.tidy(() => {
      const [all, some] = [run(5), run(2)];
      expect(some.shape).toEqual([2, 2, 11]);
      const last = [0, 1].flatMap((row) => all.logits.slice((row * 5 + 3) * 11, (row * 5 + 5) * 11));
      expectClose(some.logits, last, close);
      const { shape: _, logits: __, ...rest } = all;
      for (const [name, want] of Object.entries(rest)) {
        expectClose(some[name as keyof typeof rest] as number[], want as number[], { ...close, name });
      }
      expect(() => forward(model, state, ids, { logits: 6 })).toThrow("logits must be");
    });
    disposeTree([state, ids]);
  });

  it("refuses tokens that cross a segment's border and says what to do", () => {
    const state = initialState(model.config, 1);
    const six = tf.zeros<tf.Rank.R2>([1, 6], "int32");
    const before = tf.memory().numTensors;
    expect(() => forward(model, state, six)).toThrow(/1 to 5 a row .* got 6; use `read`/);
    expect(() => forward(model, state, tf.zeros([2, 1], "int32"))).toThrow(/must have 1 rows/);
    expect(tf.memory().numTensors).toBe(before + 1);
    disposeTree(state);
    six.dispose();
  });

  it("leaves no tensors behind but what it gives", () => {
    const before = tf.memory().numTensors;
    const { state } = feed(model, rows, whole, initialState(model.config, 2));
    disposeTree(state);
    expect(tf.memory().numTensors).toBe(before);
  });
});
