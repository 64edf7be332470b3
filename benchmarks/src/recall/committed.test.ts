import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tokensSha256 } from "@infinite-former/datasets";
import { describe, expect, it } from "vitest";
import { readRecallCells } from "./cell-files.js";
import { recallFigure, recallTables } from "./recall-report.js";
import { recallSettings, variantSettings } from "./recall-settings.js";
import { heldOutDocuments } from "./score-recall.js";

const folder = (name: string): string => fileURLToPath(new URL(`../../../results/${name}`, import.meta.url));

describe.each(["recall", "recall/search"])("the committed cells of results/%s", (name) => {
  it("give the committed figure and tables byte for byte", async () => {
    const cells = await readRecallCells(folder(name));
    const there = (file: string): Promise<string> => readFile(join(folder(name), file), "utf8");
    expect(recallFigure(cells) === (await there("figure.svg")), "figure.svg").toBe(true);
    expect(recallTables(cells) === (await there("table.md")), "table.md").toBe(true);
  });

  it("were made with the settings that the program has, on the held-out text that it writes", async () => {
    const cells = await readRecallCells(folder(name));
    for (const { model, variant, config } of cells) {
      expect(config).toEqual(variant === undefined ? recallSettings(model) : variantSettings(model, variant));
    }
    const { text, heldOut } = recallSettings("none");
    const sha256 = await tokensSha256(heldOutDocuments(text, heldOut).map(({ tokens }) => tokens));
    for (const { heldOutSha256 } of cells) expect(heldOutSha256).toBe(sha256);
  });
});
