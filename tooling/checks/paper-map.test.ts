import { readFileSync } from "node:fs";
import { join } from "node:path";
import { longTermPresets } from "@infinite-former/transformer";
import { describe, expect, it } from "vitest";
import { layers } from "./layers.js";
import { root } from "./workspace.js";

const text = readFileSync(join(root, "docs/paper-map.md"), "utf8");
const named = [...text.matchAll(/`([a-z0-9-]+):(\w+)`/g)].map(([, folder, name]) => [folder, name] as const);
const indexOf = (folder: string) => readFileSync(join(root, "packages", folder, "src/index.ts"), "utf8");

describe("docs/paper-map.md", () => {
  it("names exports that exist", () => {
    expect(named.length).toBeGreaterThan(30);
    const missing = named.filter(
      ([folder, name]) =>
        layers[folder as string] === undefined ||
        !new RegExp(`\\b${name}\\b`).test(indexOf(folder as string)),
    );
    expect(missing).toEqual([]);
  });

  it("marks every option that the presets set, and no other", () => {
    const marked = text.split("\n").filter((line) => line.startsWith("| ●"));
    const options = marked.map((line) => /`(\w+)`[^|]*\|$/.exec(line)?.[1]);
    expect(options.sort()).toEqual(Object.keys(longTermPresets.paper).sort());
  });
});
