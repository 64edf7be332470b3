import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "./command.js";
import { firstExample, printedLines } from "./readme-example.js";
import { root } from "./workspace.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "infinite-former-guide-"));
  symlinkSync(join(root, "tooling/checks/node_modules"), join(folder, "node_modules"), "junction");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the example of docs/add-memory.md", () => {
  const example = firstExample(join(root, "docs/add-memory.md"));

  it("has fewer than 40 lines", () => {
    const lines = example?.source.trim().split("\n") ?? [];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(40);
  });

  it("prints what it says, as it stands", async () => {
    const file = join(folder, "add-memory.mjs");
    writeFileSync(file, example?.javascript ?? "");
    const { stdout } = await command(process.execPath, [file], { cwd: folder, timeout: 120_000 });
    expect(example?.output.length).toBeGreaterThan(0);
    expect(printedLines(stdout)).toEqual(example?.output);
  });

  it("passes a strict type check against the published types", () => {
    const file = join(folder, "add-memory.mts");
    writeFileSync(file, example?.source ?? "");
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    const faults = ts.getPreEmitDiagnostics(program).map(({ messageText }) => {
      return ts.flattenDiagnosticMessageText(messageText, "\n");
    });
    expect(faults).toEqual([]);
  });
});
