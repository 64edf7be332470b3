import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors } from "@infinite-former/safetensors/node";
import { testBackends } from "@infinite-former/tooling-vitest";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
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
    const { stderr } = await cli(["generate", run(), "--read", document, ...writing, "--backend", "cpu"]);
    const notice =
      "GPT-2 has no memory: of what --read gives it, it sees no more than the block of 8 characters";
    expect(stderr.includes(notice)).toBe(name === "gpt2");
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

  it("starts from the other model again where it was stopped before its first checkpoint", async () => {
    const own = { ...memory, "training.steps": 3, "training.checkpointEvery": 0 };
    const [whole, stopped] = [join(folder, `${name} whole`), join(folder, `${name} stopped`)];
    await train(whole, tune(text, base, own));
    await cp(whole, stopped, { recursive: true });
    await rm(join(stopped, "checkpoints"), { recursive: true });
    const { code, stderr } = await cli(["train", "--resume", stopped, "--backend", "cpu"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("has no checkpoint; starting from its config.json");
    expect(await lossStream(stopped)).toEqual(await lossStream(whole));
    const last = "checkpoints/step-3";
    expect(await hashes(join(stopped, last))).toEqual(await hashes(join(whole, last)));
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

describe("a memory that learns at a rate of its own", () => {
  it.each(["infinite", "compressive"])("moves where all else stands: %s", async (memory) => {
    const run = join(folder, `rates ${memory}`);
    await train(
      run,
      tune(text, base, {
        "model.memory": memory,
        "model.memoryStart": "authors",
        "training.steps": 3,
        "training.learningRate": 1e-30,
        "training.memoryLearningRate": 0.01,
      }),
    );
    const weights = async (of: string, step: number) =>
      (await readSafetensors(join(of, `checkpoints/step-${step}/model.safetensors`))).tensors;
    const [before, after] = [await weights(base, 40), await weights(run, 3)];
    for (const [name, { data }] of before) expect(after.get(name)?.data, name).toEqual(data);
    const added = [...after.keys()].filter((name) => !before.has(name));
    const twin = join(folder, `twin ${memory}`);
    await train(
      twin,
      tune(text, base, {
        "model.memory": memory,
        "model.memoryStart": "authors",
        "training.steps": 3,
        "training.learningRate": 1e-30,
      }),
    );
    const still = await weights(twin, 3);
    expect(added.length).toBeGreaterThan(3);
    for (const name of added) expect(after.get(name)?.data, name).not.toEqual(still.get(name)?.data);
  });
});

describe("on native TensorFlow", () => {
  it.each(memories.slice(2))(
    "compiled, the losses of %s are those of the plain backend, and a resumed run's bit for bit",
    async (name, memory) => {
      const [run, plain, resumed] = ["native", "plain", "native resumed"].map((what) =>
        join(folder, `${name} ${what}`),
      );
      const settings = { ...memory, "training.logEvery": 1, "training.sampleLength": 0 };
      const on = (backend: string): string[] => [...smallGpt2(text, settings).slice(2), "--backend", backend];
      await train(run as string, on("tensorflow"));
      await train(plain as string, on("cpu"));
      const losses = async (of = ""): Promise<number[]> =>
        ((await lossStream(of)) as { loss: number }[]).map(({ loss }) => loss);
      const want = await losses(plain);
      for (const [i, loss] of (await losses(run)).entries()) expect(loss).toBeCloseTo(want[i] as number, 3);
      await cp(run as string, resumed as string, { recursive: true });
      await rm(join(resumed as string, "checkpoints/step-6"), { recursive: true });
      const { code, stderr } = await cli(["train", "--resume", resumed as string, "--backend", "tensorflow"]);
      expect(code, stderr).toBe(0);
      const last = "checkpoints/step-6";
      expect(await hashes(join(resumed as string, last))).toEqual(await hashes(join(run as string, last)));
    },
  );
  skipEach(!testBackends().includes("tensorflow") && "native TensorFlow is not tested here");
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
