import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import { createRng } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { compileInParts, createTrainStep, stepSeed, valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { resolveCell } from "../config/resolve-cell.js";
import { sequenceTensors } from "../data/batch.js";
import { type SegmentPlan, segmentPlan } from "../data/segment-plan.js";
import { sortingData } from "../data/sorting-data.js";
import { modelKinds } from "../models/kinds.js";
import { type ModelName, modelNames } from "../models/names.js";
import type { ModelSettings, SortingModel } from "../models/sorting-model.js";
import { createAdvance, readPrefix, type SequenceBatch } from "./read-batch.js";
import { segmentSeeds } from "./seeds.js";
import { sequenceTask } from "./task.js";

beforeAll(async () => {
  await activateBackend("cpu");
});

const body = { layers: 2, modelSize: 8, heads: 2, innerSize: 8, segmentLength: 16, dropout: 0.2 };
const longTerm = { basisCount: 8, sampleCount: 8, stickyBins: 8 };
const memories: Readonly<Record<ModelName, ModelSettings>> = {
  "transformer-xl": { shortTermLength: 24 },
  compressive: { shortTermLength: 16, compressedLength: 8, compressionRatio: 4 },
  "infinite-former": { shortTermLength: 16, longTerm },
  "infinite-former-sticky": { shortTermLength: 16, longTerm: { ...longTerm, sampling: "sticky" } },
};
const training = {
  steps: 10,
  batchSize: 3,
  learningRate: 0.01,
  warmupSteps: 0,
  clipNorm: 0.25,
  penaltyWeight: 0.1,
  gradientSegments: 1,
  reportEvery: 1,
  checkpointEvery: 1,
};

interface Case {
  readonly model: SortingModel;
  readonly batch: SequenceBatch;
  readonly plan: SegmentPlan;
}

/** A model of a kind and one batch of sequences of 54 symbols and 20 answers: five segments of 16, the last of 10. */
function caseOf(name: ModelName, { length = 54, dropout = body.dropout, gradientSegments = 1 } = {}): Case {
  const config = resolveCell(name, {
    model: { ...body, ...memories[name], dropout },
    training,
    evaluation: { sequences: 1 },
  });
  const model = modelKinds[name].create(config.model, createRng(1));
  const plan = segmentPlan({
    length,
    answers: 20,
    segmentLength: 16,
    gradientSegments,
    wholeSegment: modelKinds[name].wholeSegment,
  });
  const { train } = sortingData(length, 1, 1);
  const sequences = [0, 1, 2].map((index) => train.at(index));
  const batch = {
    ...sequenceTensors(sequences, plan),
    memory: model.initialState(3),
    seeds: segmentSeeds(1, 4, plan.ends.length),
  };
  return { model, batch, plan };
}

const values = (tree: object): number[] => leaves(tree).flatMap(({ tensor }) => [...tensor.dataSync()]);

describe.each(modelNames)("one step of %s", (name) => {
  it("has the cross entropy of exactly the answers, wherever they fall", () => {
    // Without dropout: its masks depend on how many positions are asked for.
    const { model, batch } = caseOf(name, { dropout: 0 });
    const task = sequenceTask(model, { ...training, penaltyWeight: 0 });
    const { loss, metrics } = task.loss(model.params, {}, batch, tf.tensor1d([0, 0], "int32"));
    // By hand: every segment in turn, the logits of the last twenty inputs.
    let memory = batch.memory;
    const rows = [...batch.prefix, ...batch.tail].map((tokens, index) => {
      const seed = batch.seeds[index] as tf.Tensor1D;
      const reading = model.readSegment(model.params, memory, tokens, {
        seed,
        training: true,
        outputs: tokens.shape[1],
        throughPast: false,
      });
      memory = reading.state;
      return (reading.logits as tf.Tensor3D).arraySync();
    });
    const answers = batch.answers.arraySync();
    let sum = 0;
    let right = 0;
    answers.forEach((row, b) => {
      const logits = rows.flatMap((segment) => segment[b] as number[][]).slice(-20);
      row.forEach((symbol, place) => {
        const at = logits[place] as number[];
        const most = Math.max(...at);
        sum +=
          most + Math.log(at.reduce((total, x) => total + Math.exp(x - most), 0)) - (at[symbol] as number);
        if (at.indexOf(most) === symbol) right++;
      });
    });
    expectClose([...loss.dataSync()], [sum / 60], { abs: 1e-5, rel: 1e-5 });
    expect(metrics?.["accuracy"]?.dataSync()[0]).toBeCloseTo(right / 60, 6);
  });

  it("has the same loss and other gradients through several segments", () => {
    const of = (gradientSegments: number) => {
      const { model, batch } = caseOf(name, { dropout: 0, gradientSegments });
      expect(batch.tail.length).toBeGreaterThanOrEqual(gradientSegments);
      const task = sequenceTask(model, { ...training, penaltyWeight: 0, gradientSegments });
      const { loss, gradients } = valueAndGrad(
        (params: object) => ({
          loss: task.loss(params, {}, batch, tf.tensor1d([0, 0], "int32")).loss,
          aux: {},
        }),
        { optional: leaves(model.params).map(({ path }) => path) },
      )(model.params);
      const largest = (pattern: string): number =>
        Math.max(
          ...leaves(gradients)
            .filter(({ path }) => path.includes(pattern))
            .flatMap(({ tensor }) => [...tensor.dataSync()].map(Math.abs)),
        );
      return { loss: values({ loss }), gradients: values(gradients), largest };
    };
    const [one, three] = [of(1), of(3)];
    expectClose(three.loss, one.loss, { abs: 1e-6, rel: 1e-6 });
    const change = three.gradients.map((g, i) => Math.abs(g - (one.gradients[i] as number)));
    expect(Math.max(...change)).toBeGreaterThan(1e-5);
    if (name !== "compressive") return;
    // The compression is trained by the answers themselves.
    expect(one.largest("compression")).toBe(0);
    expect(three.largest("compression")).toBeGreaterThan(1e-7);
  });

  it("is the same in parts, and leaves no tensors behind", () => {
    const { model, batch } = caseOf(name);
    const task = sequenceTask(model, training);
    const moments = task.optimizer.init(model.params);
    const rate = tf.scalar(0.01);
    const seed = stepSeed(1, 4);
    const whole = createTrainStep(task);
    const parts = compileInParts(
      { advance: createAdvance(model, true), readPrefix },
      eager,
    )(createTrainStep(task));
    disposeTree(whole(model.params, moments, {}, batch, rate, seed)); // constants of the memory are made once
    const before = tf.memory().numTensors;
    const [a, b] = [whole, parts].map((step) => step(model.params, moments, {}, batch, rate, seed));
    expectClose(values(b as object), values(a as object), { abs: 1e-6, rel: 1e-6 });
    disposeTree(a as object);
    disposeTree(b as object);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("moves every parameter that a sequence of this length reaches", () => {
    const { model, batch } = caseOf(name);
    const { gradients } = valueAndGrad((params: object) => {
      const { loss } = sequenceTask(model, training).loss(params, {}, batch, tf.tensor1d([0, 0], "int32"));
      return { loss, aux: {} };
    })(model.params);
    const still = leaves(gradients).filter(({ tensor }) => tensor.dataSync().every((x) => x === 0));
    expect(still.map(({ path }) => path)).toEqual([]);
  });
});

describe("compileInParts", () => {
  it("compiles one reading for all segments without gradient, and one step", () => {
    const { model, batch, plan } = caseOf("infinite-former");
    const task = sequenceTask(model, training);
    const calls: string[] = [];
    const spying: typeof eager = (fn) =>
      Object.assign(
        (...args: Parameters<typeof fn>) => {
          calls.push(fn.name);
          return fn(...args);
        },
        { dispose() {} },
      );
    const step = compileInParts(
      { advance: createAdvance(model, true), readPrefix },
      spying,
    )(createTrainStep(task));
    step(model.params, task.optimizer.init(model.params), {}, batch, tf.scalar(0.01), stepSeed(1, 0));
    expect(calls).toEqual([...Array.from({ length: plan.prefix }, () => "advance"), "trainStep"]);
  });
});

describe("segmentSeeds", () => {
  it("gives no two segments of a run the same seed", () => {
    const seeds = [0, 1, 2].flatMap((step) => segmentSeeds(7, step, 4).map((seed) => seed.dataSync().join()));
    expect(new Set(seeds).size).toBe(12);
  });
});
