import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCell, readCells } from "./results-folder.js";

describe("readCells", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-sorting-results-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("says so where there is no folder, or no finished cell in it", async () => {
    await expect(readCells(join(folder, "none"))).rejects.toThrow("no such file or directory");
    await mkdir(join(folder, "unfinished"));
    await expect(readCells(folder)).rejects.toThrow(`${folder}: holds no finished cell`);
    expect(await readCell(folder, "compressive-1-1")).toBeNull();
  });

  it.each([
    ["{", "cannot be parsed"],
    ["{}", "is no sorting cell: preset"],
    ['{"preset":"small","model":"lstm"}', "is no sorting cell: model"],
  ])("names the file that holds %s and what is wrong with it", async (text, message) => {
    const file = join(folder, "cell.json");
    await writeFile(file, text);
    await expect(readCells(folder)).rejects.toThrow(`${file}: ${message}`);
    await expect(readCells(folder)).rejects.toHaveProperty("code", "ERR_USAGE");
  });
});
