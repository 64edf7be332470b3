import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { meteor, rouge1, rougeL, wordOverlap } from "@infinite-former/metrics";
import { beforeAll, describe, expect, it } from "vitest";
import { smallConversation } from "../../../packages/datasets/test/small-dialogues.js";
import type { DialogueResult } from "../src/evaluate/result.js";
import { modelNames } from "../src/model/names.js";
import { evaluated, smallData, temporaryFolder, tinyGpt2, train } from "./harness.js";
import { smallTraining } from "./small-training.js";

let data: string;
let folder: string;
beforeAll(async () => {
  data = await smallData();
  folder = await temporaryFolder();
});

const weights = (run: string, step: number): Promise<Buffer> =>
  readFile(join(run, "checkpoints", `step-${step}`, "model.safetensors"));

/** What of a result does not depend on the time it took and where it was made. */
function figures({ seconds: _, evaluationSeconds: __, command: ___, ...rest }: DialogueResult) {
  return rest;
}

describe.each(modelNames)("dialogue train and evaluate, %s", (model) => {
  it("gives scores that are those of its examples, and a run that goes on as if it had not stopped", async () => {
    const out = join(folder, model);
    await train(smallTraining(model, data, out));
    expect((await readdir(join(out, "checkpoints"))).sort()).toEqual(["step-3", "step-4"]);
    const result = await evaluated<DialogueResult>(out, data, "--split", "train");
    expect([result.model, result.seed, result.steps, result.responses]).toEqual([model, 1, 4, 6]);
    expect(result.curve.map(({ step }) => step)).toEqual([2, 4]);
    expect(result.examples).toHaveLength(6);
    const mean = (score: (written: string, reference: string) => number): number =>
      result.examples.reduce((sum, { written, reference }) => sum + score(written, reference), 0) / 6;
    const { scores } = result;
    expect(scores.wordOverlap.fMeasure).toBeCloseTo(
      mean((a, b) => wordOverlap(a, b).fMeasure),
      12,
    );
    expect(scores.rouge1.recall).toBeCloseTo(
      mean((a, b) => rouge1(a, b).recall),
      12,
    );
    expect(scores.rougeL.fMeasure).toBeCloseTo(
      mean((a, b) => rougeL(a, b).fMeasure),
      12,
    );
    expect(scores.meteorWithoutSynonyms).toBeCloseTo(
      mean((a, b) => meteor(a, b)),
      12,
    );
    expect(result.perplexity).toBeCloseTo(Math.exp(result.loss), 12);
    const again = await evaluated<DialogueResult>(out, data, "--split", "train");
    expect(figures(again)).toEqual(figures(result));

    const stopped = join(folder, `${model}-stopped`);
    await cp(out, stopped, { recursive: true });
    await rm(join(stopped, "checkpoints/step-4"), { recursive: true });
    const said = await train(["train", "--data", data, "--out", stopped, "--resume"]);
    expect(said).toContain("going on from step 3 of 4");
    expect(await weights(stopped, 4)).toEqual(await weights(out, 4));
    expect(figures(await evaluated(stopped, data, "--split", "train"))).toEqual(figures(result));

    await rm(join(stopped, "checkpoints"), { recursive: true });
    await train(["train", "--data", data, "--out", stopped, "--resume"]);
    expect(await weights(stopped, 4)).toEqual(await weights(out, 4));
  });
});

describe("dialogue train", () => {
  it("learns one conversation by heart", { timeout: 120_000 }, async () => {
    const own = await smallData({
      "Conversations/train/b.json": undefined,
      "Conversations/train/a_nopay.json": smallConversation(0),
    });
    const out = join(folder, "by-heart");
    await train(
      smallTraining("gpt2-infinite-sticky", own, out, {
        "model.modelSize": 24,
        "model.segmentLength": 32,
        "data.responseTokens": 22,
        "data.documentTokens": 8,
        "model.dropout.embedding": 0,
        "model.dropout.attention": 0,
        "model.dropout.residual": 0,
        "training.steps": 80,
        "training.batchSize": 3,
        "training.learningRate": 0.03,
        "training.checkpointEvery": 80,
      }),
    );
    const { perplexity, examples, scores } = await evaluated<DialogueResult>(out, own, "--split", "train");
    expect(perplexity).toBeLessThan(1.05);
    expect(examples.map(({ written }) => written)).toEqual(examples.map(({ reference }) => reference));
    expect(scores.rouge1.fMeasure).toBe(1);
  });

  it("starts from the weights of a folder, with rows for the tokens that it does not know", async () => {
    const out = join(folder, "from");
    const args = smallTraining("gpt2-infinite", data, out, { "training.steps": 1 });
    const sizes = /^model\.(layers|modelSize|heads)=/;
    const kept = args.filter(
      (arg, i) => !sizes.test(arg) && !(arg === "--set" && sizes.test(args[i + 1] ?? "")),
    );
    await train([...kept, "--from", tinyGpt2, "--set", "training.learningRate=1e-9"]);
    const { model } = JSON.parse(await readFile(join(out, "config.json"), "utf8")).config;
    const source = JSON.parse(await readFile(join(tinyGpt2, "config.json"), "utf8"));
    expect([model.vocabularySize, model.modelSize, model.layers]).toEqual([
      source.vocab_size + 6,
      source.n_embd,
      source.n_layer,
    ]);
    // Stopped before its first checkpoint, it begins with those weights again.
    const stopped = join(folder, "from-stopped");
    await cp(out, stopped, { recursive: true });
    await rm(join(stopped, "checkpoints"), { recursive: true });
    expect(await train(["train", "--data", data, "--out", stopped, "--resume"])).toContain(
      "has no checkpoint; starting from its config.json",
    );
    expect(await weights(stopped, 1)).toEqual(await weights(out, 1));
  });
});
