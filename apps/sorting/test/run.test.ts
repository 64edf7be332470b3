import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type ScriptEnd, type StartedScript, startScript } from "@infinite-former/tooling-vitest/script";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelNames } from "../src/models/names.js";
import type { CellResult } from "../src/results/cell-result.js";

function start(args: readonly string[]): StartedScript {
  return startScript(new URL("./cli-process.ts", import.meta.url), args);
}

function sorting(...args: string[]): Promise<ScriptEnd> {
  return start(args).ended;
}

/** A grid of very small cells on the cpu backend; the answers straddle two segments. */
function tiny(out: string, settings: Record<string, unknown> = {}, models = "infinite-former"): string[] {
  const all = {
    "model.layers": 1,
    "model.modelSize": 8,
    "model.innerSize": 8,
    "model.segmentLength": 16,
    "training.steps": 4,
    "training.batchSize": 2,
    "training.reportEvery": 2,
    "training.checkpointEvery": 1,
    "evaluation.sequences": 5,
    ...settings,
  };
  const set = Object.entries(all).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  const which = [
    "--models",
    models,
    "--lengths",
    "40",
    "--variant",
    "tiny",
    "--backend",
    "cpu",
    "--out",
    out,
  ];
  return ["run", ...which, ...set];
}

const cellFile = (out: string, model = "infinite-former", seed = 1): string =>
  join(out, `${model}.tiny-40-${seed}.json`);

async function readCell(file: string): Promise<CellResult> {
  return JSON.parse(await readFile(file, "utf8"));
}

/** What of a cell does not depend on the time it took and where it was made. */
function figures({ seconds: _, secondsPerStep: __, peakRssBytes: ___, command: ____, ...rest }: CellResult) {
  return rest;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infinite-former-sorting-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("sorting run", () => {
  it("trains and scores every model and writes cells, figure, tables and report", async () => {
    const out = join(folder, "all");
    const end = await sorting(...tiny(out, {}, modelNames.join(",")));
    expect(end.code, end.stderr).toBe(0);
    expect((await readdir(out)).sort()).toEqual(
      [
        ...modelNames.map((name) => `${name}.tiny-40-1.json`),
        "figure.svg",
        "report.html",
        "table.csv",
        "table.md",
        "unfinished",
      ].sort(),
    );
    expect(await readdir(join(out, "unfinished"))).toEqual([]);
    for (const name of modelNames) {
      const cell = await readCell(cellFile(out, name));
      expect(cell).toMatchObject({
        preset: "small",
        model: name,
        variant: "tiny",
        length: 40,
        seed: 1,
        steps: 4,
        heldOutSequences: 5,
      });
      expect(cell.accuracyByPosition).toHaveLength(20);
      const mean = cell.accuracyByPosition.reduce((sum, share) => sum + share, 0) / 20;
      expect(cell.accuracy).toBeCloseTo(mean, 12);
      expect(cell.curve.map(({ step }) => step)).toEqual([2, 4]);
      expect(cell.secondsPerStep).toBeCloseTo(cell.seconds / 4, 12);
      expect(cell.peakRssBytes).toBeGreaterThan(5e7);
      expect(cell.dataSha256).toMatch(/^[0-9a-f]{64}$/);
      expect(cell.command).toContain("sorting run --models");
    }
    const hashes = modelNames.map(async (name) => (await readCell(cellFile(out, name))).dataSha256);
    expect(new Set(await Promise.all(hashes)).size).toBe(1);
    expect(end.stdout).toContain("| ∞-former, sticky (tiny) |");
    expect(end.stdout).toContain(`report: ${join(out, "report.html")}`);
    expect(end.stderr).toMatch(/compressive\.tiny-40-1: \d+ parameters, 4 steps/);
    expect(end.stderr.match(/backend: cpu/g)).toHaveLength(1);

    // The report alone writes again what the run wrote.
    const files = ["figure.svg", "table.md", "table.csv", "report.html"].map((name) => join(out, name));
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    for (const file of files) await writeFile(file, "gone");
    expect((await sorting("report", out)).code).toBe(0);
    expect(await Promise.all(files.map((file) => readFile(file, "utf8")))).toEqual(texts);
  });

  it("refuses a folder with cells unless told to resume, and cells of other settings in any case", async () => {
    const out = join(folder, "again");
    expect((await sorting(...tiny(out))).code).toBe(0);
    const before = await readFile(cellFile(out), "utf8");
    const again = await sorting(...tiny(out));
    expect([again.code, again.stdout]).toEqual([2, ""]);
    expect(again.stderr).toContain("holds 1 of these 1 cells, finished or begun; go on with --resume");
    const resumed = await sorting(...tiny(out), "--resume", "--json");
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).not.toContain("parameters");
    expect(JSON.parse(resumed.stdout)).toEqual([JSON.parse(before)]);
    const other = await sorting(...tiny(out, { "training.steps": 5 }), "--resume");
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("was made with other settings:\n  training.steps: 4 → 5");
    expect(await readFile(cellFile(out), "utf8")).toBe(before);
  });

  it("goes on with the other cells where one fails, and ends with 1", async () => {
    const out = join(folder, "failing");
    const end = await sorting(
      ...tiny(out, { "training.learningRate": 1e30 }, "transformer-xl,infinite-former"),
    );
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/must be finite, got NaN or infinity in step \d/);
    expect(end.stderr).toContain("2 of 2 cells failed: transformer-xl.tiny-40-1, infinite-former.tiny-40-1");
  });
});

describe("sorting report", () => {
  it("ends with 2 where there is nothing to report", async () => {
    const end = await sorting("report", join(folder, "nowhere"));
    expect(end.code).toBe(2);
    expect(end.stderr).toContain("no such file or directory");
  });
});

describe("sorting run that is stopped", () => {
  skipEach(process.platform === "win32" && "Windows has no such signals");
  const long = { "training.steps": 12, "model.dropout": 0.2 };
  const many = "infinite-former-sticky,compressive";
  let whole: CellResult[];
  beforeAll(async () => {
    const out = join(folder, "whole");
    expect((await sorting(...tiny(out, long, many))).code).toBe(0);
    whole = await Promise.all(many.split(",").map((name) => readCell(cellFile(out, name))));
  });

  it.each([
    ["SIGTERM", 143, "infinite-former-sticky", "itself"],
    ["SIGINT", 130, "compressive", "its process group"],
  ] as const)(
    "saves on %s, ends with %i (%s, sent to %s) and goes on from there",
    async (signal, code, model, to) => {
      const out = join(folder, `stopped-${signal}`);
      const run = start(tiny(out, long, model));
      await run.said(`${model}.tiny-40-1: `);
      const pid = run.child.pid as number;
      process.kill(to === "itself" ? pid : -pid, signal);
      const end = await run.ended;
      expect([end.code, end.signal], end.stderr).toEqual([code, null]);
      expect(end.stderr).toContain(`${signal}: finishing this step and saving`);
      expect(end.stderr).toContain("go on with --resume");
      const resumed = await sorting(...tiny(out, long, model), "--resume");
      expect(resumed.code, resumed.stderr).toBe(0);
      const uninterrupted = whole.find((cell) => cell.model === model) as CellResult;
      expect(figures(await readCell(cellFile(out, model)))).toEqual(figures(uninterrupted));
    },
  );

  it("leaves no cell under way behind where it is killed, so that another run can go on at once", async () => {
    const out = join(folder, "orphan");
    const run = start(tiny(out, long, "compressive"));
    await run.said("compressive.tiny-40-1: ");
    run.child.kill("SIGKILL");
    const resumed = await sorting(...tiny(out, long, "compressive"), "--resume");
    expect(resumed.code, resumed.stderr).toBe(0);
    const uninterrupted = whole.find(({ model }) => model === "compressive") as CellResult;
    expect(figures(await readCell(cellFile(out, "compressive")))).toEqual(figures(uninterrupted));
  });

  it("killed outright again and again ends with the same figures as if it never was", {
    timeout: 400_000,
  }, async () => {
    const out = join(folder, "killed");
    let kills = 0;
    for (;;) {
      const run = start([...tiny(out, long, many), "--resume"]);
      await run.said("parameters").catch(() => undefined);
      const instant = kills < 4 ? 100 + 700 * ((kills * 0.618) % 1) : 200_000;
      const timer = setTimeout(() => process.kill(-(run.child.pid as number), "SIGKILL"), instant);
      const end = await run.ended;
      clearTimeout(timer);
      if (end.signal === null) {
        expect(end.code, end.stderr).toBe(0);
        break;
      }
      kills++;
    }
    expect(kills).toBeGreaterThan(0);
    const cells = await Promise.all(whole.map(({ model }) => readCell(cellFile(out, model))));
    expect(cells.map(figures)).toEqual(whole.map(figures));
    expect(await readdir(join(out, "unfinished"))).toEqual([]);
  });
});
