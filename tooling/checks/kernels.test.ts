import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kernelTests } from "@infinite-former/tooling-vitest/kernel-tests";
import { describe, expect, it } from "vitest";
import { root, workspacePackages } from "./workspace.js";

/** The kernels of our own that are registered, without their gradients. */
function registered(): string[] {
  const source = readFileSync(join(root, "packages/tensorflow/src/native-kernels.ts"), "utf8");
  const names = [...source.matchAll(/name: "(InfiniteFormer\w+)"/g)].map(([, name]) => name as string);
  return names.filter((name) => !name.endsWith("Grad"));
}

describe("kernels of our own", () => {
  it("have each a test by name in a package whose tests run for every instruction set", () => {
    const tested = workspacePackages()
      .filter(({ folder }) => folder.startsWith("packages/"))
      .filter(({ path }) => readFileSync(join(path, "vitest.config.ts"), "utf8").includes("tensorPackage("))
      .flatMap(({ path }) => kernelTests(path).flatMap(({ kernels }) => kernels));
    expect(registered().length).toBeGreaterThan(6);
    expect(tested).toEqual(expect.arrayContaining(registered()));
  });

  it("stand each in docs/kernels.md", () => {
    const text = readFileSync(join(root, "docs/kernels.md"), "utf8");
    const rows = [...text.matchAll(/^\| `(InfiniteFormer\w+)` \|/gm)].map(([, name]) => name as string);
    expect(rows.sort()).toEqual(registered().sort());
  });
});
