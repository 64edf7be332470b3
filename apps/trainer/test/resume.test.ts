import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect, it } from "vitest";
import { flipBit, forgeState, hashes } from "./checkpoint-files.js";
import { cli, lossStream, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

const backend = ["--backend", "cpu"];

describe("--resume", () => {
  let folder: string;
  let text: string;
  let whole: string;
  let copies = 0;

  /** A copy of the whole run as a kill after `step` would have left it. */
  async function killedAfter(...kept: number[]): Promise<string> {
    const copy = join(folder, `copy-${copies++}`);
    await cp(whole, copy, { recursive: true });
    for (const name of await readdir(join(copy, "checkpoints"))) {
      if (!kept.includes(Number(name.slice("step-".length)))) {
        await rm(join(copy, "checkpoints", name), { recursive: true });
      }
    }
    await rm(join(copy, "report.html"));
    return copy;
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    text = await textFile(folder);
    whole = join(folder, "whole");
    // Dropout draws random masks; 2 does not divide 3, so that a checkpoint falls between two reports.
    const settings = { "training.steps": 9, "training.evaluateEvery": 3, "model.dropout": 0.2 };
    const { code, stderr } = await cli(["train", "--out", whole, "--keep", "9", ...smallRun(text, settings)]);
    expect(code, stderr).toBe(0);
  });

  const remains = [[3, 6], [3], []];
  const fault = "resumed where a kill left two checkpoints, one, none; with dropout";
  trial({ number: 11, fault, times: remains.length, on: "cpu" }, async () => {
    for (const kept of remains) {
      const run = await killedAfter(...kept);
      const { code, stderr } = await cli(["train", "--resume", run, ...backend]);
      expect(code, stderr).toBe(0);
      expect(await hashes(join(run, "checkpoints/step-9"))).toEqual(
        await hashes(join(whole, "checkpoints/step-9")),
      );
      expect(await lossStream(run)).toEqual(await lossStream(whole));
      expect(await readdir(run)).toContain("report.html");
    }
  });

  const flipped = "one bit flipped in each file of the newest checkpoint";
  trial({ number: 8, fault: flipped, times: 4, on: "cpu" }, async (times) => {
    const names = ["memory.safetensors", "model.safetensors", "optimizer.safetensors", "state.json"];
    expect(await readdir(join(whole, "checkpoints/step-6"))).toEqual(names);
    expect(names).toHaveLength(times);
    for (const name of names) {
      const run = await killedAfter(3, 6);
      const file = join(run, "checkpoints/step-6", name);
      await flipBit(file);
      const { code, stderr } = await cli(["train", "--resume", run, ...backend]);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(`${join(run, "checkpoints/step-6")} is passed over: `);
      expect(stderr).toMatch(new RegExp(`${file} (does not match its checksum|must be JSON)`));
      expect(stderr).toContain("going on from step 3 of 9");
      expect(await hashes(join(run, "checkpoints/step-9"))).toEqual(
        await hashes(join(whole, "checkpoints/step-9")),
      );
    }
  });

  const lastGood = "a damaged newer checkpoint while --keep 1 deletes old ones";
  trial({ number: 8, fault: lastGood, on: "cpu" }, async () => {
    const run = await killedAfter(3, 9);
    await flipBit(join(run, "checkpoints/step-9/model.safetensors"));
    const stop = ["--steps", "6", "--keep", "1"];
    const { code, stderr } = await cli(["train", "--resume", run, ...backend, ...stop]);
    expect(code, stderr).toBe(0);
    expect(await readdir(join(run, "checkpoints"))).toEqual(expect.arrayContaining(["step-6", "step-9"]));
    const again = await cli(["train", "--resume", run, ...backend, ...stop]);
    expect(again.stderr).toContain("the run is finished (step 6 of 6)");
  });

  const missing = "each file of the newest checkpoint missing";
  trial({ number: 7, fault: missing, times: 4, on: "cpu" }, async (times) => {
    const names = await readdir(join(whole, "checkpoints/step-6"));
    expect(names).toHaveLength(times);
    for (const name of names) {
      const run = await killedAfter(3, 6);
      await rm(join(run, "checkpoints/step-6", name));
      const { code, stderr } = await cli(["train", "--resume", run, ...backend]);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(
        `${join(run, "checkpoints/step-6", name)} is missing: this is no whole checkpoint`,
      );
      expect(stderr).toContain("going on from step 3 of 9");
    }
  });

  it("of a finished run says so, changes nothing and ends with 0", async () => {
    const before = await readFile(join(whole, "config.json"), "utf8");
    for (const steps of [[], ["--steps", "9"], ["--steps", "4"]]) {
      const { code, stderr, stdout } = await cli(["train", "--resume", whole, ...backend, ...steps]);
      expect([code, stderr.includes("the run is finished")], stderr).toEqual([0, true]);
      expect(stderr).not.toMatch(/recomputed|step 9 of 4/);
      expect(stderr.includes("the run is finished (step 9 of 9)")).toBe(steps[1] !== "4");
      expect(stderr.includes("the run is finished: it has 9 steps, more than --steps 4")).toBe(
        steps[1] === "4",
      );
      expect(stdout).toContain("validation loss");
    }
    expect(await readFile(join(whole, "config.json"), "utf8")).toBe(before);
  });

  it("with more steps goes on, says that the schedule is recomputed, and may write elsewhere", async () => {
    const out = join(folder, "longer");
    const before = await lossStream(whole);
    const { code, stderr } = await cli([
      "train",
      "--resume",
      whole,
      "--steps",
      "12",
      "--out",
      out,
      ...backend,
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("training.steps: 9 → 12; the cosine schedule is recomputed for 12 steps");
    expect(await readdir(join(out, "checkpoints"))).toEqual(["step-12", "step-9"]);
    expect((await lossStream(out)).slice(0, before.length)).toEqual(before);
    expect(await lossStream(whole)).toEqual(before);
  });

  const settings: readonly (readonly [path: string, before: string, after: string])[] = [
    ["training.learningRate", "0.002", "0.5"],
    ["training.seed", "1337", "3"],
    ["model.basisCount", "8", "16"],
    ["model.layers", "1", "2"],
    ["model.sampling", '"uniform"', '"sticky"'],
  ];
  const changed = "another learning rate, seed, N, number of layers, way of sampling";
  trial({ number: 9, fault: changed, times: settings.length, on: "cpu" }, async () => {
    const run = await killedAfter(3, 6);
    for (const [path, before, after] of settings) {
      const change = ["--set", `${path}=${after.replaceAll('"', "")}`, "--steps", "8"];
      const refused = await cli(["train", "--resume", run, ...backend, ...change]);
      expect(refused.code, refused.stderr).toBe(2);
      expect(refused.stderr).toContain(`  ${path}: ${before} → ${after}\n`);
      expect(refused.stderr).toContain("--allow-config-change");
      expect(refused.stderr).not.toContain("training.steps: 9");
    }
    const two = [
      "--set",
      "training.learningRate=0.5",
      "--seed",
      "3",
      "--steps",
      "8",
      "--allow-config-change",
    ];
    const allowed = await cli(["train", "--resume", run, ...backend, ...two]);
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(JSON.parse(await readFile(join(run, "config.json"), "utf8")).training).toMatchObject({
      learningRate: 0.5,
      seed: 3,
      steps: 8,
    });
  });

  trial({ number: 9, fault: "another text; weights that the settings do not fit", on: "cpu" }, async () => {
    const run = await killedAfter(3);
    const other = await textFile(folder, `${smallText}the end.\n`, "other.txt");
    const another = await cli(["train", "--resume", run, ...backend, "--set", `data.text=${other}`]);
    const named = /dataSha256: "\w+" → "\w+"/.test(another.stderr);
    expect([another.code, named], another.stderr).toEqual([2, true]);
    const wider = ["--set", "model.innerSize=16", "--allow-config-change"];
    const unfit = await cli(["train", "--resume", run, ...backend, ...wider]);
    expect(unfit.code).toBe(2);
    expect(unfit.stderr).toContain("layers.0.feedForward.inner.kernel");
  });

  const edited: readonly (readonly [what: string, edit: (config: never) => void, said: RegExp])[] = [
    [
      "learning rate",
      (config: { training: { learningRate: number } }) => {
        config.training.learningRate = 0.5;
      },
      /training\.learningRate: 0\.002 → 0\.5/,
    ],
    [
      "vocabulary",
      (config: { vocabulary: string[] }) => {
        config.vocabulary.splice(-1, 1, "\u00ff");
      },
      /vocabularySha256: "\w+" → "\w+"/,
    ],
  ];
  trial(
    { number: 9, fault: "config.json edited: learning rate, vocabulary", times: 2, on: "cpu" },
    async () => {
      for (const [, edit, said] of edited) {
        const run = await killedAfter(3);
        const file = join(run, "config.json");
        const config = JSON.parse(await readFile(file, "utf8"));
        edit(config as never);
        await writeFile(file, JSON.stringify(config));
        const refused = await cli(["train", "--resume", run, ...backend]);
        expect(refused.code, refused.stderr).toBe(2);
        expect(refused.stderr).toMatch(said);
        const allowed = await cli(["train", "--resume", run, ...backend, "--allow-config-change"]);
        expect(allowed.code, allowed.stderr).toBe(0);
      }
    },
  );

  const lost = "the only checkpoint has no random state, no data position, or those of another step";
  trial({ number: 10, fault: lost, times: 8, on: "cpu" }, async (times) => {
    const forgeries: readonly (readonly [field: string, value: unknown])[] = [
      ["random", undefined],
      ["data", undefined],
      ["random", {}],
      ["random", { seed: 1337, step: 4 }],
      ["random", { seed: 1, step: 3 }],
      ["data", null],
      ["data", { epoch: 0, step: 4 }],
      ["data", { epoch: -1, step: 3 }],
    ];
    expect(forgeries).toHaveLength(times);
    for (const [field, value] of forgeries) {
      const run = await killedAfter(3);
      const before = await lossStream(run);
      await forgeState(join(run, "checkpoints/step-3"), (state) => {
        if (value === undefined) delete state[field];
        else state[field] = value;
      });
      const { code, stderr } = await cli(["train", "--resume", run, ...backend]);
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(new RegExp(`state\\.json:? (has no ${field}|${field} must be)`));
      expect(await lossStream(run)).toEqual(before);
    }
  });

  trial({ number: 10, fault: "random state cut out of the only checkpoint by hand", on: "cpu" }, async () => {
    const run = await killedAfter(3);
    const file = join(run, "checkpoints/step-3/state.json");
    const { random: _, ...state } = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify(state));
    const before = await lossStream(run);
    const { code, stderr } = await cli(["train", "--resume", run, ...backend]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} does not match its checksum`);
    const remedy = `${run}: has no whole checkpoint to go on from; remove ${join(run, "checkpoints")}, and train --resume ${run} begins it anew`;
    expect(stderr).toContain(remedy);
    const generated = await cli(["generate", run, ...backend]);
    expect([generated.code, generated.stdout]).toEqual([2, ""]);
    expect(generated.stderr).toContain(remedy);
    expect((await cli(["inspect", run])).stdout).toContain(
      `damaged: ${join(run, "checkpoints/step-3")}: ${file} `,
    );
    expect(await lossStream(run)).toEqual(before);
  });
});

describe("--keep", () => {
  it("leaves the newest checkpoints, and the one with the lowest validation loss", async () => {
    const folder = await temporaryFolder();
    const run = join(folder, "run");
    // Learns, then is thrown off its way by a rate that was allowed to change.
    const settings = {
      "training.steps": 6,
      "training.checkpointEvery": 1,
      "training.evaluateEvery": 2,
      "training.schedule": "constant",
    };
    const text = await textFile(folder);
    expect((await cli(["train", "--out", run, ...smallRun(text, settings)])).code).toBe(0);
    const wild = ["--set", "training.learningRate=3", "--allow-config-change", "--steps", "20"];
    const { code, stderr } = await cli(["train", "--resume", run, ...backend, ...wild]);
    expect(code, stderr).toBe(0);
    const lines = (await lossStream(run)) as { split: string; step: number; loss: number }[];
    const valid = lines.filter(({ split }) => split === "valid");
    const best = valid.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(best.step).toBeLessThan(19);
    expect((await readdir(join(run, "checkpoints"))).sort()).toEqual(
      [`step-${best.step}`, "step-19", "step-20"].sort(),
    );
    const resumed = await cli(["train", "--resume", run, ...backend]);
    expect(resumed.stderr).toContain("the run is finished (step 20 of 20)");
  });
});
