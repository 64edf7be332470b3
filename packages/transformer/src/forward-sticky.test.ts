import { createRng } from "@infinite-former/random";
import { cloneTree, disposeTree, mapTree, tidyTree } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feed } from "../test/feed.js";
import { numbers, smallModel, tokens } from "../test/model.js";
import { forward } from "./forward.js";
import { generate } from "./generate.js";
import type { InfiniteFormer } from "./infinite-former.js";
import { disposeInfiniteFormer } from "./infinite-former.js";
import { read } from "./read.js";
import { readRagged } from "./read-ragged.js";
import { initialState, resetRows } from "./state.js";

/**
 * Sums of some dozen float32 products in another order, through ten updates.
 * A draw at the border of a bin would be in another bin: the texts here have none.
 */
const close = { abs: 5e-5, rel: 5e-5 };
const bins = 12;
const rows = [tokens(60, 1), tokens(60, 2)];
const whole = Array.from({ length: 12 }, () => 5);
const pieces = [2, 3, 5, 1, 4, 4, 1, 3, 2, ...Array.from({ length: 15 }, () => 1), 5, 3, 2, 5, 5];

/** A model that attends here and there: at its initial weights all densities are alike. */
function attentive(stickyPositions: "left-edge" | "within-bin"): InfiniteFormer {
  const longTerm = { sampling: "sticky", stickyBins: bins, stickyPositions, priorWidth: 0.2 } as const;
  const model = smallModel({ longTerm });
  const params = mapTree(model.params, (tensor, path) =>
    tf.tidy(() => tf.mul(tensor, path.includes("longTerm.attention") ? 12 : 1)),
  );
  disposeTree(model.params);
  return { ...model, params };
}

describe.each(["left-edge", "within-bin"] as const)("forward with sticky memories (%s)", (placement) => {
  let model: InfiniteFormer;
  let seeds: tf.Tensor2D;
  beforeAll(() => {
    model = attentive(placement);
    seeds = tf.tensor2d([3, 4, 3, 4], [2, 2], "int32");
  });
  afterAll(() => {
    disposeInfiniteFormer(model);
    seeds.dispose();
  });
  const start = (batch: number, room: "growing" | "full" = "growing") =>
    initialState(model.config, batch, room);
  const seedOf = (row: number) => ({ stickySeeds: tf.tidy(() => tf.slice(seeds, row, 1)) });

  it("gives the same numbers by segments and in pieces, the attention of a segment included", () => {
    const bySegment = feed(model, rows, whole, start(2), { stickySeeds: seeds });
    const inPieces = feed(model, rows, pieces, start(2), { stickySeeds: seeds });
    for (const [b, want] of bySegment.logits.entries()) {
      expectClose(inPieces.logits[b] as number[], want, close);
    }
    const want = numbers(bySegment.state);
    for (const [name, got] of Object.entries(numbers(inPieces.state))) {
      expectClose(got, want[name] as number[], { ...close, name });
    }
    expect(want["attended"]).toHaveLength(2 * 2 * bins);
    expect(Math.min(...(want["attended"] as number[]))).toBeGreaterThan(0);
    disposeTree([bySegment.state, inPieces.state]);
  });

  it("gives the same logits with memories that grow and with memories of full size", () => {
    const growing = feed(model, rows, whole, start(2), { stickySeeds: seeds });
    const full = feed(model, rows, whole, start(2, "full"), { stickySeeds: seeds });
    for (const [b, want] of growing.logits.entries()) expectClose(full.logits[b] as number[], want, close);
    disposeTree([growing.state, full.state]);
  });

  it("keeps batch rows apart", () => {
    const both = feed(model, rows, whole, start(2), { stickySeeds: seeds });
    rows.forEach((row, b) => {
      const options = seedOf(b);
      const alone = feed(model, [row], whole, start(1), options);
      expectClose(both.logits[b] as number[], alone.logits[0] as number[], close);
      disposeTree([alone.state, options]);
    });
    disposeTree(both.state);
  });

  it("starts a row afresh without touching the other: it draws what a fresh one draws", () => {
    const first = feed(model, rows, whole.slice(0, 6), start(2), { stickySeeds: seeds });
    const reset = tidyTree(() => resetRows(first.state, tf.tensor1d([0, 1])));
    disposeTree(first.state);
    const options = seedOf(1);
    const after = feed(
      model,
      rows.map((row) => row.slice(30)),
      whole.slice(6),
      reset,
      { stickySeeds: seeds },
    );
    const fresh = feed(model, [(rows[1] as number[]).slice(30)], whole.slice(6), start(1), options);
    const kept = feed(model, [rows[0] as number[]], whole, start(1), options);
    expectClose(after.logits[1] as number[], fresh.logits[0] as number[], close);
    expectClose(after.logits[0] as number[], (kept.logits[0] as number[]).slice(30 * 11), close);
    disposeTree([after.state, fresh.state, kept.state, options]);
  });

  it("gives a fork the same numbers bit for bit, and others for another seed", () => {
    const { state } = feed(model, rows, whole.slice(0, 4), start(2), { stickySeeds: seeds });
    const other = tf.tidy(() => tf.add(seeds, tf.scalar(1, "int32"))) as tf.Tensor2D;
    const more = rows.map((row) => row.slice(20));
    const run = (stickySeeds: tf.Tensor2D) =>
      feed(model, more, whole.slice(4), cloneTree(state), { stickySeeds });
    const [a, b, c] = [run(seeds), run(seeds), run(other)];
    expect(a.logits).toEqual(b.logits);
    expect(numbers(a.state)).toEqual(numbers(b.state));
    expect(c.logits[0]).not.toEqual(a.logits[0]);
    disposeTree([state, other, a.state, b.state, c.state]);
  });

  it("samples where attention was: the memory differs from that of uniform sampling", () => {
    const { longTerm } = model.config;
    const uniform = smallModel({ longTerm: { ...longTerm, sampling: "uniform" } });
    const params = { ...uniform, params: model.params };
    const sticky = feed(model, rows, whole, start(2), { stickySeeds: seeds });
    const even = feed(params, rows, whole, initialState(uniform.config, 2));
    const [a, b] = [numbers(sticky.state)["coefficients"], numbers(even.state)["coefficients"]] as number[][];
    const largest = Math.max(...(b as number[]).map(Math.abs));
    const difference = Math.max(...(a as number[]).map((value, i) => Math.abs(value - (b?.[i] as number))));
    expect(difference / largest).toBeGreaterThan(0.05);
    disposeTree([sticky.state, even.state]);
    disposeInfiniteFormer(uniform);
  });

  it("has no gradient through the sampling, and the same loss with its graph of attention", () => {
    const { state } = feed(model, rows, whole.slice(0, 4), start(2), { stickySeeds: seeds });
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const piece = tf.tensor2d(
        rows.map((row) => row.slice(20, 25)),
        [2, 5],
        "int32",
      );
      const loss = (embedding: tf.Tensor) => {
        const params = { ...model.params, embedding: embedding as tf.Tensor2D };
        const out = forward({ ...model, params }, state, piece, { stickySeeds: seeds });
        return tf.sum(out.logits as tf.Tensor3D) as tf.Scalar;
      };
      const embedding = model.params.embedding as tf.Tensor2D;
      const { value, grad } = tf.valueAndGrad(loss)(embedding);
      expectClose(value.dataSync(), loss(embedding).dataSync(), close);
      expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
    });
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(state);
  });

  it("leaves no tensors behind but what it gives", () => {
    const before = tf.memory().numTensors;
    const { state } = feed(model, rows, pieces, start(2), { stickySeeds: seeds });
    disposeTree(state);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("reading and writing with sticky memories", () => {
  let model: InfiniteFormer;
  beforeAll(() => {
    model = attentive("left-edge");
  });
  afterAll(() => disposeInfiniteFormer(model));
  const text = rows[0] as number[];

  it("read gives the same numbers at once and in parts, given one generator, however far it has advanced", () => {
    const rng = createRng(9);
    const once = read(model, initialState(model.config, 1), [text], { rng });
    let state = initialState(model.config, 1);
    for (const [from, to] of [
      [0, 7],
      [7, 31],
      [31, 60],
    ]) {
      const next = read(model, state, [text.slice(from, to)], { rng });
      rng.uniform();
      disposeTree([state, next.logits]);
      state = next.state;
    }
    const want = numbers(once.state);
    for (const [name, got] of Object.entries(numbers(state))) {
      expectClose(got, want[name] as number[], { ...close, name });
    }
    const other = read(model, initialState(model.config, 1), [text], { rng: createRng(10) });
    expect(numbers(other.state)["coefficients"]).not.toEqual(want["coefficients"]);
    disposeTree([once, state, other]);
  });

  it("read draws from the seed (0, 0) where it is given none", () => {
    const plain = read(model, initialState(model.config, 1), [text]);
    const zeros = tf.zeros<tf.Rank.R2>([1, 2], "int32");
    const seeded = feed(model, [text], whole, initialState(model.config, 1), { stickySeeds: zeros });
    expectClose(
      numbers(plain.state)["coefficients"] as number[],
      numbers(seeded.state)["coefficients"] as number[],
      close,
    );
    disposeTree([plain, seeded.state, zeros]);
  });

  it("readRagged reads each row as if it were alone", () => {
    const rng = createRng(11);
    const texts = [text.slice(0, 33), rows[1] as number[], text];
    const together = readRagged(model, initialState(model.config, 3), texts, { rng });
    texts.forEach((one, row) => {
      const alone = read(model, initialState(model.config, 1), [one], { rng });
      const want = numbers(alone.state);
      for (const [name, got] of Object.entries(numbers(together.states[row] as typeof alone.state))) {
        expectClose(got, want[name] as number[], { ...close, name });
      }
      disposeTree(alone);
    });
    disposeTree({ ...together });
  });

  it("generate continues from a kept state as if it had never stopped", async () => {
    const rng = createRng(3);
    const iterator = generate(model, { prompt: text, maxTokens: 6, rng, keepState: true });
    const head: number[] = [];
    let step = await iterator.next();
    for (; !step.done; step = await iterator.next()) head.push(step.value);
    const state = step.value;
    if (state === null) throw new Error("no state was kept");
    const again = read(model, initialState(model.config, 1), [[...text, ...head]], { rng: createRng(3) });
    const want = numbers(again.state);
    for (const [name, got] of Object.entries(numbers(state))) {
      expectClose(got, want[name] as number[], { ...close, name });
    }
    disposeTree([again, state]);
  });
});
