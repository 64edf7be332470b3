import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ExportsEntry, installScripts, publishedPackages, root } from "./workspace.js";

const sourceCondition = "@infinite-former/source";
const longestReadme = 80;

/** `entry` as it is published: without the condition that leads to the source. */
function published(entry: ExportsEntry): ExportsEntry {
  if (typeof entry === "string") return entry;
  const { [sourceCondition]: _, ...rest } = entry;
  return rest;
}

describe.each(publishedPackages())("$manifest.name", ({ folder, path, manifest }) => {
  it("exports its source to the workspace, and the same without it to the world", () => {
    const exported = Object.entries(manifest.exports ?? {});
    expect(exported.map(([name]) => name)).toContain("./package.json");
    for (const [name, entry] of exported) {
      if (typeof entry === "string") continue;
      expect(Object.keys(entry), name).toEqual([sourceCondition, "types", "default"]);
      expect(existsSync(join(path, String(entry[sourceCondition]))), `${name}: source exists`).toBe(true);
    }
    expect(Object.fromEntries(exported.map(([name, entry]) => [name, published(entry)]))).toEqual(
      manifest.publishConfig?.exports,
    );
  });

  it("runs nothing on the machine that installs it", () => {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => installScripts.includes(name))).toEqual([]);
    expect(existsSync(join(path, "binding.gyp")), "npm would build it by itself").toBe(false);
  });

  it("says what it is, where it lies and what it needs", () => {
    // TensorFlow.js's kernels and C++ travel inside this one.
    const license = folder === "packages/tensorflow" ? "(MIT AND Apache-2.0)" : "MIT";
    expect(manifest).toMatchObject({ type: "module", license, engines: { node: ">=20.19" } });
    expect(manifest.description).toMatch(/\S.*\.$/);
    expect(manifest.repository?.directory).toBe(folder);
    expect(manifest.publishConfig?.access).toBe("public");
    expect(manifest.publishConfig?.registry, "the registry is the user's choice").toBe(undefined);
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "README.md", "CHANGELOG.md"]));
    if (folder.startsWith("packages/")) expect(manifest.sideEffects).toBe(false);
    for (const file of Object.values(manifest.bin ?? {})) expect(existsSync(join(path, file))).toBe(true);
  });

  it("carries the licence of the repository", () => {
    // npm packs a LICENSE that lies beside package.json, and no other.
    expect(readFileSync(join(path, "LICENSE"), "utf8")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
  });

  it("names its public exports one by one", () => {
    const index = readFileSync(join(path, "src/index.ts"), "utf8");
    expect(index).not.toMatch(/^export \*/m);
    expect(index).toMatch(/^export (type )?\{\s*\w/m);
  });

  it(`has a README of at most ${longestReadme} lines`, () => {
    const lines = readFileSync(join(path, "README.md"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe(`# ${manifest.name}`);
    expect(lines.length).toBeLessThanOrEqual(longestReadme);
  });
});
