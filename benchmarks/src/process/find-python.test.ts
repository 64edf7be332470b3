import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findPython } from "./find-python.js";

const folder = mkdtempSync(join(tmpdir(), "find-python-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that answers as a Python with torch of that version would, or as one without. */
function pretend(path: string, torch: string | null): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, torch === null ? "#!/bin/sh\nexit 1\n" : `#!/bin/sh\nprintf '${torch}'\n`);
  chmodSync(file, 0o755);
  return file;
}

const named = pretend("named", "2.1");
const other = pretend("other", "2.2");
const bare = pretend("bare", null);
pretend("first/python3", null);
pretend("first/python", "2.3");
pretend("none/python3", null);
const path = (name: string): NodeJS.ProcessEnv => ({ PATH: `${join(folder, name)}` });

describe("findPython", () => {
  it("takes the one named, else that of the environment, else the first on the PATH that has torch", () => {
    const env = { ...path("first"), INFINITE_FORMER_PEER_PYTHON: other };
    expect(findPython(named, env)).toEqual({ command: named, torch: "2.1" });
    expect(findPython(undefined, env)).toEqual({ command: other, torch: "2.2" });
    expect(findPython(undefined, path("first"))).toEqual({ command: "python", torch: "2.3" });
  });

  it("says what helps where there is none", () => {
    const { missing } = findPython(undefined, path("none")) as { missing: string };
    expect(missing).toContain("ours are measured alone");
    expect(missing).toContain("pip install torch transformers");
  });

  it("refuses a named one without torch, by the name of the option", () => {
    expect(() => findPython(bare, path("first"))).toThrow(
      `--peer-python: must be a Python that can import torch, got ${bare}`,
    );
    const env = { ...path("first"), INFINITE_FORMER_PEER_PYTHON: "/no/such" };
    expect(() => findPython(undefined, env)).toThrow("INFINITE_FORMER_PEER_PYTHON: must be a Python");
    try {
      findPython(bare, {});
    } catch (error) {
      expect(error).toHaveProperty("code", "ERR_USAGE");
    }
  });
});
