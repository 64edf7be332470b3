import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, smallRun, temporaryFolder, textFile } from "./harness.js";

describe("the command line", () => {
  let folder: string;
  let text: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    text = await textFile(folder);
  });

  it.each([
    ["an unknown verb", ["trian"], "Did you mean train?"],
    ["an unknown option", ["train", "--step", "5"], "Did you mean --steps?"],
    ["a missing argument", ["evaluate"], "missing required argument 'dir'"],
    ["an unknown backend", ["doctor", "--backend", "gpu"], "Allowed choices are auto, tensorflow, wasm, cpu"],
    [
      "a number that is none",
      ["generate", "x", "--max-tokens", "many"],
      "It must be an integer of at least 0.",
    ],
    [
      "a temperature below zero",
      ["generate", "x", "--temperature", "-1"],
      "--temperature: must be a finite number of at least 0, got -1",
    ],
    ["a top-p above one", ["generate", "x", "--top-p", "2"], "--top-p: must be in (0, 1], got 2"],
    [
      "an unknown preset",
      ["train", "--preset", "tinny", "--backend", "cpu"],
      'unknown preset "tinny"; did you mean tiny?',
    ],
    [
      "steps that are none",
      ["train", "--steps", "many", "--backend", "cpu"],
      'training.steps: must be an integer from 1 to 1000000000, got "many" (--steps)',
    ],
    [
      "a corpus that is not there",
      ["train", "--set", "data.text=/nowhere.txt", "--backend", "cpu"],
      "data.text: /nowhere.txt",
    ],
    [
      "a run that is not there",
      ["evaluate", "/nowhere", "--backend", "cpu"],
      "/nowhere: is not a run directory (no such file or directory)",
    ],
    [
      "a resumed run that is not there",
      ["train", "--resume", "/nowhere", "--backend", "cpu"],
      "/nowhere: is not a run directory",
    ],
  ])("ends with 2 for %s, says why, and prints no stack", async (_, args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("names every fault of a configuration at once, and writes nothing", async () => {
    const out = join(folder, "never");
    const faulty = ["model.heads=3", "model.basisCount=7", "model.contraction=2", "training.bacthSize=1"];
    const { code, stderr } = await cli([
      "train",
      "--out",
      out,
      ...smallRun(text),
      ...faulty.flatMap((fault) => ["--set", fault]),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      [
        "infinite-former: 5 faults",
        "  training.bacthSize: unknown setting; did you mean training.batchSize? (--set)",
        "  model.contraction: must be a number between 0 and 1, neither included, got 2 (--set)",
        "  model.heads: must divide model.modelSize (8), got 3",
        "  model.basisCount: must be even, got 7",
        "  model.basisCount: must be a multiple of the number of model.basisWidths (2), got 7",
        "",
      ].join("\n"),
    );
    expect(existsSync(out)).toBe(false);
  });

  it("refuses a long-term memory that would grow without bound, unless it is wiped in time", async () => {
    const out = join(folder, "growing");
    const few = { "model.basisCount": 32, "model.basisWidths": ".005,.01", "model.sampleCount": 20 };
    const { code, stderr } = await cli(["train", "--out", out, ...smallRun(text, few)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/model: sampleCount must be large enough .*, got 20: each segment would multiply/);
    expect(existsSync(out)).toBe(false);
    const wiped = { ...few, "model.wipeAfter": 4, "training.steps": 1 };
    expect((await cli(["train", "--out", out, ...smallRun(text, wiped)])).code).toBe(0);
  });

  it("refuses an --out that holds something else, and leaves it as it was", async () => {
    const out = join(folder, "mine");
    await mkdir(out);
    await writeFile(join(out, "letter.txt"), "dear");
    const { code, stderr } = await cli(["train", "--out", out, ...smallRun(text)]);
    expect(code).toBe(2);
    expect(stderr).toContain("is neither empty nor a run directory");
    expect(await readdir(out)).toEqual(["letter.txt"]);
    const file = await cli(["train", "--out", text, ...smallRun(text)]);
    expect([file.code, file.stderr.includes("a part of the path is not a directory")]).toEqual([2, true]);
    const damaged = join(folder, "damaged");
    await mkdir(damaged);
    await writeFile(join(damaged, "config.json"), '{"format":"infinite-former/run","formatVersion":1}');
    expect((await cli(["inspect", damaged])).stderr).toContain('"vocabulary" must be a list of characters');
  });

  it("refuses an --out it may not write to, before the first step", async ({ skip }) => {
    if (process.getuid?.() === 0) skip("the superuser may write anywhere");
    const locked = join(folder, "locked");
    await mkdir(locked, { mode: 0o500 });
    const { code, stderr } = await cli(["train", "--out", join(locked, "run"), ...smallRun(text)]);
    await chmod(locked, 0o700);
    expect(code).toBe(2);
    expect(stderr).toContain("permission denied");
  });

  it("lists the presets, with everything they set as JSON", async () => {
    const plain = await cli(["presets"]);
    expect(plain.stdout).toContain("moby-dick");
    const json = JSON.parse((await cli(["presets", "--json"])).stdout);
    expect(json.map((preset: { name: string }) => preset.name)).toContain("tiny");
    expect(json[0].config.model.kind).toBe("infinite-former");
  });

  it("doctor prints one JSON document in the form of the contract", async () => {
    const { code, stdout } = await cli(["doctor", "--json"]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.node).toBe(process.versions.node);
    expect(report.backends.map((backend: { name: string }) => backend.name)).toEqual([
      "tensorflow",
      "wasm",
      "cpu",
    ]);
    for (const backend of report.backends) {
      expect(Object.keys(backend).sort()).toEqual([
        "available",
        "device",
        "name",
        "reason",
        "remedy",
        "version",
      ]);
    }
    expect(
      report.backends.find((backend: { name: string }) => backend.name === report.selected).available,
    ).toBe(true);
  });

  it("prints help and version on stdout and ends with 0", async () => {
    const help = await cli(["train", "--help"]);
    expect([help.code, help.stdout.includes("--allow-config-change")]).toEqual([0, true]);
    for (const verb of ["train", "evaluate", "generate", "inspect", "presets", "setup", "doctor"]) {
      expect((await cli([verb, "--help"])).stdout, verb).toContain("--backend");
    }
    expect((await cli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("shows the stack only where DEBUG is set", async () => {
    expect((await cli(["inspect", "/nowhere"], { DEBUG: "1" })).stderr).toMatch(/\n\s+at /);
  });
});
