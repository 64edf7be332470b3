import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hashes } from "./checkpoint-files.js";
import { configOf, evaluated, memories, smallGpt2, train, tune } from "./gpt2-run.js";
import { cli, lossStream, smallText, temporaryFolder, textFile } from "./harness.js";

let folder: string;
let text: string;
let base: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
  base = join(folder, "base");
  await train(base, smallGpt2(text, { "training.steps": 40 }));
});

const generate = async (run: string, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await cli(["generate", run, "--backend", "cpu", ...args]);
  expect(code, stderr).toBe(0);
  return stdout;
};

describe.each(memories)("a run of %s", (name, memory) => {
  const run = (): string => join(folder, name);
  beforeAll(() =>
    train(run(), smallGpt2(text, { ...memory, "model.dropout": 0.1, "training.memoryLearningRate": 0.02 })),
  );

  it("goes on from a checkpoint bit for bit", async () => {
    const resumed = join(folder, `${name} resumed`);
    await cp(run(), resumed, { recursive: true });
    await rm(join(resumed, "checkpoints/step-6"), { recursive: true });
    const { code, stderr } = await cli(["train", "--resume", resumed, "--backend", "cpu"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("going on from step 3 of 6");
    const last = "checkpoints/step-6";
    expect(await hashes(join(resumed, last))).toEqual(await hashes(join(run(), last)));
    expect(await lossStream(resumed)).toEqual(await lossStream(run()));
  });

  it("is evaluated and inspected under the name that results have", async () => {
    const { model, loss } = await evaluated(run());
    const lines = (await lossStream(run())) as { split: string; loss: number }[];
    expect(model).toBe(name);
    expect(loss).toBeCloseTo(lines.filter(({ split }) => split === "valid").at(-1)?.loss as number, 5);
    const { stdout } = await cli(["inspect", run()]);
    expect(stdout).toContain(`${name}, 2 layers of width 8`);
  });

  it("writes on from a saved memory as if it had read the text itself", async () => {
    const memory = join(folder, `${name}.safetensors`);
    const document = await textFile(folder, smallText.slice(0, 203), "document.txt");
    const writing = ["--prompt", "the sea", "--temperature", "0", "--max-tokens", "40", "--seed", "5"];
    const whole = await generate(run(), "--read", document, ...writing);
    await generate(run(), "--read", document, "--save-memory", memory, "--max-tokens", "0", "--seed", "5");
    expect(await generate(run(), "--memory", memory, ...writing)).toBe(whole);
    expect(whole.length).toBeGreaterThan(30);
  });

  it("begins fine-tuning where the other model stands, to the last digit of its losses", async () => {
    const { loss: before } = await evaluated(base);
    const still = { ...memory, "training.steps": 1, "training.learningRate": 1e-30 };
    const silent = join(folder, `${name} silent`);
    await train(silent, tune(text, base, still));
    expect((await evaluated(silent)).loss).toBeCloseTo(before, 6);
    expect((await configOf(silent)).model).toMatchObject({
      kind: "gpt2",
      layers: 2,
      modelSize: 8,
      positions: 8,
    });
    if (name === "gpt2") return;
    const loud = join(folder, `${name} loud`);
    await train(loud, tune(text, base, { ...still, "model.memoryStart": "authors" }));
    expect(Math.abs((await evaluated(loud)).loss - before)).toBeGreaterThan(1e-7);
  });

  it("learns when it is fine-tuned, and can be fine-tuned again with the memory it has", async () => {
    const tuned = join(folder, `${name} tuned`);
    await train(tuned, tune(text, base, { ...memory, "training.steps": 30 }));
    const { loss } = await evaluated(tuned);
    expect(loss).toBeLessThan((await evaluated(base)).loss);
    const again = join(folder, `${name} again`);
    await train(again, tune(text, tuned, { "training.steps": 1, "training.learningRate": 1e-30 }));
    expect(await evaluated(again)).toMatchObject({ model: name, loss: expect.closeTo(loss, 6) });
  });
});

describe("a run that is measured in passes over its text", () => {
  it("counts its steps, and goes on from them", async () => {
    const run = join(folder, "epochs");
    const { code, stderr } = await cli(
      ["train", "--out", run, ...smallGpt2(text, { "training.epochs": 1.5 })].filter(
        (arg, i, all) => !arg.startsWith("training.steps") && all[i + 1] !== "training.steps=6",
      ),
    );
    expect(code, stderr).toBe(0);
    const { training } = await configOf(run);
    const { corpus } = JSON.parse(JSON.stringify(await configOf(run)));
    const perEpoch = Math.ceil((corpus.trainTokens - 1) / (2 * 8));
    expect(Math.abs((training["steps"] as number) - 1.5 * perEpoch)).toBeLessThan(2);
    expect((await cli(["train", "--resume", run, "--backend", "cpu"])).stderr).toContain(
      "the run is finished",
    );
  });

  it("takes steps that are asked for instead", async () => {
    const run = join(folder, "steps");
    await train(run, ["--preset", "gpt2-small-tune", ...tune(text, base, { "training.steps": 2 })]);
    expect((await configOf(run)).training).toMatchObject({ steps: 2, epochs: null });
  });
});
