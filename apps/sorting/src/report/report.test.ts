import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { parseHTML } from "linkedom";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planGrid } from "../config/grid.js";
import { modelNames } from "../models/names.js";
import type { CellResult } from "../results/cell-result.js";
import { readCells } from "../results/results-folder.js";
import { seriesOf } from "./series.js";
import { csvTable, resultTable } from "./table.js";
import { writeReport } from "./write-report.js";

const files = ["figure.svg", "table.md", "table.csv", "report.html"] as const;

/** Cells as a grid would leave them, with figures made up from their place in it. */
function madeUp(): CellResult[] {
  const usual = planGrid({ preset: "medium", set: [] });
  const variant = planGrid({
    preset: "medium",
    models: "compressive",
    lengths: "492",
    seeds: "1",
    set: ["training.steps=9"],
    variant: "nine",
  });
  return [...usual, ...variant].map(({ preset, model, length, seed, variant: name, config }, index) => {
    const accuracy = 0.9 - 0.2 * modelNames.indexOf(model) - length / 20_000 + seed / 100;
    return {
      preset,
      model,
      ...(name === null ? {} : { variant: name }),
      length,
      seed,
      accuracy,
      accuracyByPosition: Array.from({ length: 20 }, (_, place) => accuracy * (1 - place / 40)),
      heldOutSequences: 512,
      parameters: 1000 + index,
      steps: 3000,
      seconds: 60 + length,
      secondsPerStep: length / 10_000,
      peakRssBytes: 5e8 + length * 1e5,
      dataSha256: `${length}`.repeat(4),
      baselines: { chance: 0.05, unused: 0.18, countingVisible: 0.4, countingAll: 0.8 },
      curve: [1, 2, 3].map((k) => ({ step: 1000 * k, loss: 3 - k / 2, accuracy: accuracy * (k / 3) })),
      config,
      versions: { node: "20" },
      machine: { processor: "a <b>", cores: 2, memoryBytes: 2 ** 34, system: "linux" },
      command: "sorting run --out 'a & b'",
    };
  });
}

async function read(folder: string): Promise<string[]> {
  return Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
}

let folder: string;
let written: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infinite-former-sorting-report-"));
  const cells = madeUp();
  // In another order than that of the report.
  for (const [index, cell] of cells.reverse().entries()) {
    await writeFile(join(folder, `cell-${index}.json`), JSON.stringify(cell));
  }
  await writeReport(folder, await readCells(folder));
  written = await read(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the report", () => {
  it("has the same bytes from the same cells, whatever their files are called", async () => {
    const other = await mkdtemp(join(tmpdir(), "infinite-former-sorting-report-"));
    try {
      for (const [index, cell] of madeUp().entries()) {
        await writeFile(join(other, `other-${100 + index}.json`), JSON.stringify(cell, null, 2));
      }
      await writeReport(other, await readCells(other));
      expect(await read(other)).toEqual(written);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });

  it("changes with any cell", async () => {
    const cells = madeUp();
    cells[0] = { ...cells[0]!, accuracy: cells[0]!.accuracy - 0.01 };
    expect(csvTable(resultTable(cells))).not.toBe(csvTable(resultTable(madeUp())));
  });

  it("draws a line for each series, a dot for each cell, and the oracles", () => {
    const [svg = ""] = written;
    const { document } = parseHTML(svg);
    const count = (selector: string): number => document.querySelectorAll(selector).length;
    const series = seriesOf(madeUp());
    expect(series.map(({ label }) => label)).toEqual([
      "Transformer-XL",
      "Compressive",
      "Compressive (nine)",
      "∞-former",
      "∞-former, sticky",
    ]);
    expect(count("circle")).toBe(25);
    for (const { label } of series) expect(svg).toContain(`>${label}<`);
    for (const label of ["chance", "counting all, ties at random"]) expect(svg).toContain(`>${label}<`);
  });

  it("shows mean and spread over the seeds", () => {
    const [, markdown = ""] = written;
    expect(markdown).toContain("| Transformer-XL | 1,000 | 0.903 (0.898 to 0.908, 2 seeds) |");
    expect(markdown).toContain("| Compressive (nine) |");
    expect(markdown.split("\n")[0]).toBe(
      "| model | parameters | 236 | 492 | 1004 | s an update | peak memory |",
    );
  });

  it("lists every cell with all its figures as CSV", () => {
    const lines = (written[2] ?? "").trim().split("\n");
    expect(lines).toHaveLength(26);
    const [head = "", first = ""] = lines.map((line) => line.split(","));
    expect(head.length).toBe(first.length);
    expect(head.slice(0, 6)).toEqual(["preset", "model", "variant", "length", "seed", "accuracy"]);
    expect(first[1]).toBe("transformer-xl");
  });

  it("escapes what comes from cells, and asks for nothing from outside", () => {
    const html = written[3] ?? "";
    expect(html).toContain("a &lt;b&gt;");
    expect(html).toContain("a &amp; b");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|src=|href="(?!data:,")/);
  });
});

describe("the report in a browser", () => {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
  skipEach(executablePath === undefined && "no Chromium is installed here");
  let browser: Browser;
  beforeAll(async () => {
    if (executablePath) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  it.each(["light", "dark"] as const)(
    "opens without a complaint, %s, and fits a phone",
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme, viewport: { width: 390, height: 800 } });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(join(folder, "report.html")).href);
      expect(complaints).toEqual([]);
      const seen = await page.evaluate(`({
      width: document.documentElement.scrollWidth,
      figures: document.querySelectorAll("figure svg").length,
      ground: getComputedStyle(document.querySelector("figure svg rect")).fill,
      page: getComputedStyle(document.body).backgroundColor,
    })`);
      const ground = colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 22, 26)";
      expect(seen).toEqual({ width: 390, figures: 5, ground, page: ground });
      await page.close();
    },
  );
});
