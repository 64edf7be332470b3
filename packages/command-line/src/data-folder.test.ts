import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolder } from "./data-folder.js";
import { workspaceRoot } from "./workspace-root.js";

let folder = "";
let module = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-folder-"));
  await mkdir(join(folder, "house/apps/one/dist"), { recursive: true });
  await writeFile(join(folder, "house/pnpm-workspace.yaml"), "");
  module = pathToFileURL(join(folder, "house/apps/one/dist/index.js")).href;
});
afterEach(() => rm(folder, { recursive: true }));

describe("dataFolder", () => {
  it("is what the environment names, there or not", () => {
    expect(dataFolder(module, { INFINITE_FORMER_DATA: join(folder, "corpora") })).toBe(
      join(folder, "corpora"),
    );
  });

  it("is shared/data beside the workspace, where it is there", async () => {
    expect(dataFolder(module, { INFINITE_FORMER_DATA: "" })).toBe(null);
    await mkdir(join(folder, "shared/data"), { recursive: true });
    expect(dataFolder(module, {})).toBe(join(folder, "shared/data"));
  });

  it("is none for a package that was installed, unless it is named", async () => {
    await mkdir(join(folder, "shared/data"), { recursive: true });
    const installed = pathToFileURL(join(folder, "house/node_modules/one/index.js")).href;
    expect(workspaceRoot(installed)).toBe(null);
    expect(dataFolder(installed, {})).toBe(null);
  });
});
