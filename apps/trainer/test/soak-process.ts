import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { processIo, takeBackend } from "@infinite-former/command-line";
import { arrayTokens, characterVocabulary, encode } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import { createGenerator } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { findPreset, presetConfig } from "../src/config/resolve.js";
import type { TrainerConfig } from "../src/config/schema.js";
import type { EncodedSplit } from "../src/corpus/encoded-split.js";
import { createLanguageModel, disposeLanguageModel } from "../src/language-model.js";
import { type SessionOptions, TrainingSession } from "../src/train/session.js";

// soak-process BACKEND WORK COUNT: does some work so often, and prints what
// memory it held at a hundred moments, a collection of garbage before each.
const [name = "", work = "", count = "0"] = process.argv.slice(2);
const units = Number(count);
const moments = 100;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const samples: { done: number; rss: number; tensors: number }[] = [];
const sample = (done: number): void => {
  collect();
  samples.push({ done, rss: process.memoryUsage.rss(), tensors: tf.memory().numTensors });
};
const isMoment = (done: number): boolean => done % Math.max(1, Math.floor(units / moments)) === 0;

const preset = presetConfig(findPreset("tiny"));
const config: TrainerConfig = {
  ...preset,
  model: { ...preset.model, sampling: "sticky", segmentLength: 32, shortTermLength: 32 },
  training: { ...preset.training, steps: 1e9, schedule: "constant" },
};
const { compile } = await takeBackend(processIo(), name);
const text = "the whale saw the mast; a captain saw the sea and the ship. ".repeat(20);
const vocabulary = characterVocabulary(text);
const { ids } = encode(vocabulary, text);
const split = { source: arrayTokens(ids), starts: [0], close() {} } as unknown as EncodedSplit;
const options: SessionOptions = {
  config,
  vocabulary,
  tokens: { train: split, valid: split },
  origin: { dataSha256: "", vocabularySha256: "" },
  compile,
  signal: new AbortController().signal,
  skipNonFinite: 0,
  checkpoint: null,
};

/** Training steps. */
async function train(): Promise<void> {
  const session = await TrainingSession.open(options);
  for await (const { step } of session.steps()) {
    if (isMoment(step)) sample(step);
    if (step === units) break;
  }
  session.dispose();
}

/** Tokens written, one text after another of a thousand. */
async function generate(): Promise<void> {
  const model = createLanguageModel(config.model, vocabulary, createRng(1));
  const generator = createGenerator<object, typeof model>(model, { compile });
  let done = 0;
  while (done < units) {
    const maxTokens = Math.min(1000, units - done);
    for await (const _ of generator.generate({
      prompt: ids.subarray(0, 40),
      maxTokens,
      rng: createRng(done),
    })) {
      done++;
      if (isMoment(done)) sample(done);
    }
  }
  generator.dispose();
  disposeLanguageModel(model);
}

/** Tokens read into one memory, a segment at a time. */
function stream(): void {
  const model = createLanguageModel(config.model, vocabulary, createRng(1));
  const generator = createGenerator<object, typeof model>(model, { compile });
  const length = config.model.segmentLength;
  let state = model.functions.initialState(model, 1);
  for (let done = 0; done < units; ) {
    const at = done % (ids.length - length);
    const output = generator.read(state, [ids.subarray(at, at + length)], { rng: createRng(2) });
    output.logits.dispose();
    disposeTree(state);
    state = output.state;
    done += length;
    if (Math.floor(done / (units / moments)) > samples.length) sample(done);
  }
  disposeTree(state);
  generator.dispose();
  disposeLanguageModel(model);
}

/** Checkpoints saved, each loaded into a session of its own. */
async function cycle(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "infinite-former-soak-"));
  const session = await TrainingSession.open(options);
  let done = 0;
  for await (const { step } of session.steps()) {
    await session.save(folder, { keep: 1, best: null });
    const again = await TrainingSession.open({ ...options, checkpoint: join(folder, `step-${step}`) });
    again.dispose();
    done++;
    if (isMoment(done)) sample(done);
    if (done === units) break;
  }
  session.dispose();
  await rm(folder, { recursive: true });
}

await ({ train, generate, stream, cycle }[work] as () => void | Promise<void>)();
process.stdout.write(JSON.stringify({ samples, left: tf.memory().numTensors }));
