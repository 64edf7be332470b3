import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActiveBackend, type Io, takeBackend } from "@infinite-former/command-line";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecallCells } from "./cell-files.js";
import { type RecallModelName, recallModels } from "./model-names.js";
import type { RecallConfig } from "./recall-config.js";
import { recallFigure, recallTables } from "./recall-report.js";
import { recallSettings } from "./recall-settings.js";
import { type RecallRun, runRecall } from "./run-recall.js";

/** The settings of the probe, made very small: the text, and every model on it. */
function tiny(model: RecallModelName): RecallConfig {
  const settings = recallSettings(model);
  const { longTerm, ...rest } = settings.model as { readonly longTerm?: object };
  const sizes = { layers: 1, modelSize: 8, innerSize: 8 };
  const memory = longTerm === undefined ? {} : { longTerm: { ...longTerm, basisCount: 8, sampleCount: 16 } };
  return {
    text: { segmentLength: 4, segments: 80, names: 80, values: 2, fillers: 2 },
    model: { ...rest, ...sizes, ...shorter(settings.model), ...memory },
    training: { ...settings.training, steps: 4, rows: 2 },
    heldOut: 2,
  };
}

function shorter(model: RecallConfig["model"]): object {
  const length = model["shortTermLength"] === 0 ? 0 : 4;
  return "compressedLength" in model
    ? { shortTermLength: 4, compressedLength: 4 }
    : { shortTermLength: length };
}

let folder: string;
let backend: ActiveBackend;
const said: string[] = [];
const io: Io = {
  stdout: { write: () => true },
  stderr: { write: (text) => said.push(text) },
  interactive: false,
  env: {},
  cwd: ".",
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infinite-former-recall-"));
  backend = await takeBackend(io, "cpu");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (directory: string, more: Partial<RecallRun> = {}): Promise<boolean> =>
  runRecall({
    io,
    models: recallModels,
    seeds: [1],
    configOf: tiny,
    variant: null,
    directory,
    backend,
    command: "recall run",
    signal: new AbortController().signal,
    ...more,
  });

describe("runRecall", () => {
  it("trains and asks every model, writes a file each, and leaves no tensors", async () => {
    const out = join(folder, "all");
    const before = tf.memory().numTensors;
    expect(await run(out)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    expect((await readdir(out)).sort()).toEqual(recallModels.map((name) => `${name}-1.json`).sort());
    const cells = await readRecallCells(out);
    expect(cells.map(({ model }) => model)).toEqual(recallModels);
    for (const cell of cells) {
      expect(cell).toMatchObject({ seed: 1, chance: 0.5, config: tiny(cell.model), command: "recall run" });
      expect(cell.curve.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
      for (const { questions, accuracy, logProbability } of cell.scores) {
        expect(questions).toBeGreaterThan(0);
        expect(Number.isInteger(Math.round(accuracy * questions * 1e9) / 1e9)).toBe(true);
        expect(logProbability).toBeLessThan(0);
      }
    }
    expect(new Set(cells.map(({ heldOutSha256 }) => heldOutSha256)).size).toBe(1);
    for (const label of ["no memory", "Transformer-XL", "Compressive", "∞-former", "∞-former, sticky"]) {
      expect(recallFigure(cells)).toContain(`>${label}</text>`);
      expect(recallTables(cells)).toContain(`| ${label} |`);
    }
    expect(recallFigure(cells)).toBe(recallFigure(structuredClone(cells)));
    expect(recallTables(cells)).toContain("| chance | 0.50 |");
  });

  it("keeps what is finished, computes what is missing alike, and refuses other settings before any work", async () => {
    const out = join(folder, "again");
    const models = ["none", "infinite-former-sticky"] as const;
    await run(out, { models });
    const files = models.map((model) => join(out, `${model}-1.json`));
    const [none = "", sticky = ""] = await Promise.all(files.map((file) => readFile(file, "utf8")));
    await rm(files[1] as string);
    expect(await run(out, { models, command: "recall run again" })).toBe(true);
    expect(await readFile(files[0] as string, "utf8")).toBe(none);
    const anew = JSON.parse(await readFile(files[1] as string, "utf8"));
    const { scores, curve } = JSON.parse(sticky);
    expect(anew).toMatchObject({ scores, curve, command: "recall run again" });
    const longer = (model: RecallModelName): RecallConfig => ({ ...tiny(model), heldOut: 4 });
    const other = run(out, { models: ["compressive", "none"], configOf: longer });
    await expect(other).rejects.toMatchObject({ code: "ERR_USAGE" });
    await expect(other).rejects.toThrow("none-1.json: was made with other settings");
    expect(await readdir(out)).toHaveLength(2);
  });

  it("leaves finished cells where it is stopped", async () => {
    const out = join(folder, "stopped");
    const stop = new AbortController();
    const configOf = (model: RecallModelName): RecallConfig => {
      if (model === "transformer-xl")
        return { ...tiny(model), training: { ...tiny(model).training, steps: 10_000 } };
      return tiny(model);
    };
    const stderr = {
      write(text: string): void {
        if (text.startsWith("none, seed 1:")) setTimeout(() => stop.abort("SIGINT"), 200);
      },
    };
    const before = tf.memory().numTensors;
    const models = ["none", "transformer-xl"] as const;
    expect(await run(out, { io: { ...io, stderr }, models, configOf, signal: stop.signal })).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
    expect(await readdir(out)).toEqual(["none-1.json"]);
  });
});

describe("readRecallCells", () => {
  it.each([
    ["{", "cannot be parsed"],
    ["{}", "is no cell of the recall probe"],
    ["null", "is no cell of the recall probe"],
    ['{"model":"lstm","seed":1,"scores":[]}', "is no cell of the recall probe"],
  ])("names the file that holds %s", async (text, message) => {
    const out = await mkdtemp(join(folder, "bad-"));
    await expect(readRecallCells(out)).rejects.toThrow("holds no finished cell");
    await writeFile(join(out, "none-1.json"), text);
    await expect(readRecallCells(out)).rejects.toThrow(`none-1.json: ${message}`);
  });
});
