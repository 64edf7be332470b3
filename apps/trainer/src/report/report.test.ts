import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseConfig } from "../config/presets.js";
import type { MetricsLine } from "../run/metrics.js";
import type { RunConfig } from "../run/run-directory.js";
import { lossCurves, mostPoints } from "./curves.js";
import { escapeHtml, scriptJson } from "./escape.js";
import { renderReport } from "./report.js";

const hostile = `</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">'&\u0007`;

const config: RunConfig = {
  ...baseConfig,
  format: "infinite-former/run",
  formatVersion: 1,
  preset: hostile,
  seed: 1,
  backend: { name: "cpu", version: "4.22.0", device: "cpu" },
  versions: { node: hostile },
  machine: { processor: hostile, cores: 2 },
  command: `infinite-former train --set ${hostile}`,
  dataSha256: "0".repeat(64),
  corpus: { source: hostile, characters: 100, trainTokens: 90, validTokens: 10 },
  vocabulary: ["a"],
  parameters: 1234,
  created: "2026-01-01T00:00:00.000Z",
};

const line = (
  step: number,
  split: "train" | "valid",
  loss: number,
  rest: Partial<MetricsLine> = {},
): MetricsLine => ({
  step,
  tokens: step * 100,
  seconds: step,
  loss,
  lr: 1e-3,
  tokensPerSecond: 100,
  split,
  ...rest,
});

const metrics = [
  line(10, "train", 3),
  line(20, "train", 2.5),
  line(20, "valid", 2.75, { evaluatedTokens: 5, sample: hostile }),
  line(30, "train", 2),
  line(30, "valid", 2.25, { sample: "the last sample" }),
];

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

describe("renderReport", () => {
  it("keeps what came from data, model and arguments out of its markup", async () => {
    const html = await renderReport({ name: hostile, config, metrics });
    expect(html).not.toContain("<script>window");
    expect(html).not.toContain("<img");
    expect(html).toContain(escapeHtml(hostile));
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
  });

  it("shows losses, settings, samples and origin as text", async () => {
    const html = await renderReport({ name: "run", config, metrics });
    for (const text of [
      "2.2500",
      (2.25 / Math.log(2)).toFixed(4),
      "the last sample",
      "model.basisWidths",
      "[0.01,0.05]",
    ]) {
      expect(html).toContain(text);
    }
  });

  it("stands without any report", async () => {
    expect(await renderReport({ name: "run", config, metrics: [] })).toContain(
      "No losses were reported yet.",
    );
  });
});

describe("lossCurves", () => {
  it("lines both splits up by step, with gaps where one has no report", () => {
    expect(lossCurves(metrics)).toEqual({
      steps: [10, 20, 30],
      train: [3, 2.5, 2],
      valid: [null, 2.75, 2.25],
      partial: [false, true, false],
    });
  });

  it("averages what is too much to draw", () => {
    const many = Array.from({ length: 2.5 * mostPoints }, (_, i) => line(i + 1, "train", i % 3));
    const { train, steps } = lossCurves(many);
    expect(train.length).toBeLessThanOrEqual(mostPoints);
    expect(train[0]).toBe(1);
    expect(steps.at(-1)).toBe(many.length);
  });
});

describe("scriptJson", () => {
  it("cannot end the element it stands in, and is the same value", () => {
    const value = { text: "</script><!--\u2028&" };
    expect(scriptJson(value)).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(scriptJson(value))).toEqual(value);
  });
});

describe("the report in a browser", () => {
  skipEach(browser === undefined && "no Chromium is installed");
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-report-"));
    path = join(folder, "report.html");
    await writeFile(path, await renderReport({ name: hostile, config, metrics }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(["light", "dark"] as const)(
    "draws its curves in %s without an error or a request",
    async (colorScheme) => {
      const instance = await chromium.launch({
        executablePath: browser as string,
        args: ["--no-sandbox", "--disable-gpu"],
      });
      try {
        const page = await instance.newPage({ colorScheme });
        const said: string[] = [];
        const requests: string[] = [];
        page.on("console", (message) => said.push(message.text()));
        page.on("pageerror", (error) => said.push(error.message));
        page.on("request", (request) => requests.push(request.url()));
        const url = pathToFileURL(path).href;
        await page.goto(url);
        const seen = await page.evaluate(`({
        hacked: "hacked" in window,
        background: getComputedStyle(document.body).backgroundColor,
        drawn: [...document.querySelectorAll("#chart canvas")].map((canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          return colours;
        }).map((colours) => [${colorScheme === "light" ? "0x3b6fd4, 0xc2410c" : "0x7aa7ff, 0xff9a5c"}].map((c) => colours.has(c))),
        wide: document.documentElement.scrollWidth > window.innerWidth,
      })`);
        expect(said).toEqual([]);
        expect(requests.filter((request) => request !== url && !request.startsWith("data:"))).toEqual([]);
        expect(seen).toEqual({
          hacked: false,
          background: colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 22, 26)",
          drawn: [[true, true]],
          wide: false,
        });
      } finally {
        await instance.close();
      }
    },
  );
});
