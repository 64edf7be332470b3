import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reaches, reachesOf } from "./reaches.js";
import { root } from "./workspace.js";

/** All that published code does beyond computing and files. SECURITY.md and docs/threat-model.md say why. */
const listed: readonly string[] = [
  "apps/trainer/bin/infinite-former.js: loads a module by a computed name",
  "apps/trainer/src/report/report.ts: loads a module by a computed name",
  "packages/safetensors/src/http-source.ts: uses the network",
  "packages/tensorflow/src/addon.ts: loads a module by a computed name",
  "packages/tensorflow/src/process.ts: starts programs",
  "packages/tensorflow/src/require-quietly.ts: loads a module by a computed name",
];

describe("published code", () => {
  it("runs, loads and fetches nothing but in the places that are listed", () => {
    expect(reaches()).toEqual([...listed].sort());
  });

  it("is searched for what it must not do", () => {
    for (const code of [
      "eval (text)",
      "new Function(text)",
      'import { runInThisContext } from "node:vm"',
      "import { spawn } from 'child_process'",
      "await import(name)",
      "await import(join(folder, name))",
      "createRequire(import.meta.url)",
      "await fetch(url)",
      'import { request } from "node:https"',
      "new WebSocket(url)",
      "const get = (globalThis as unknown).fetch",
      "new Worker(url)",
    ]) {
      expect(reachesOf(code), code).toHaveLength(1);
    }
    expect(
      reachesOf('import("./commands/train.js"); // fetch(url)\n/* eval(x) */ prefetch(x); evaluate(x)'),
    ).toEqual([]);
  });
});

describe("SECURITY.md and docs/threat-model.md", () => {
  const documents = ["SECURITY.md", "docs/threat-model.md"].map((file) =>
    readFileSync(join(root, file), "utf8"),
  );

  it("name every such place", () => {
    const files = new Set(listed.map((line) => line.split(": ")[0] as string));
    for (const file of files) expect(documents.join("\n")).toContain(`\`${file}\``);
  });
});
