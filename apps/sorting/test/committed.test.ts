import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { afterEach, describe, expect, it } from "vitest";

const results = fileURLToPath(new URL("../../../results/sorting", import.meta.url));
const folders = (await readdir(results, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const isCell = (name: string): boolean => /-\d+-\d+\.json$/.test(name);

describe("sorting report, over the committed cells of", () => {
  let copy = "";
  afterEach(() => rm(copy, { recursive: true, force: true }));

  it.each(folders.map(({ name }) => name))("%s, gives the committed files byte for byte", async (name) => {
    copy = await mkdtemp(join(tmpdir(), "sorting-report-"));
    const there = await readdir(join(results, name));
    for (const cell of there.filter(isCell)) await cp(join(results, name, cell), join(copy, cell));
    const { code, stderr } = await startScript(new URL("./cli-process.ts", import.meta.url), ["report", copy])
      .ended;
    expect(code, stderr).toBe(0);
    for (const file of ["figure.svg", "table.md", "table.csv", "report.html"]) {
      const made = await readFile(join(copy, file), "utf8");
      expect(made === (await readFile(join(results, name, file), "utf8")), `${name}/${file}`).toBe(true);
    }
  });
});
