import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeMachine, fakeMachine } from "../test/support/fake-machine.js";
import { addonPath, buildAddon, findCompiler } from "./addon.js";
import { nativeCache } from "./cache.js";
import type { Libtensorflow } from "./locate.js";
import { nativePlatform } from "./platform.js";

const linux = nativePlatform("linux", "x64");
let machine: FakeMachine;
let library: Libtensorflow;

beforeEach(async () => {
  machine = await fakeMachine();
  const folder = join(machine.folder, "tensorflow");
  await mkdir(folder);
  const libraries = [join(folder, "libtensorflow_cc.so.2")];
  await writeFile(libraries[0] as string, "");
  library = { source: "cache", version: "9.9.9", folder, libraries, include: folder };
});
afterEach(() => machine.remove());

describe("addonPath", () => {
  it("names Node-API, TensorFlow and platform, and changes with the library", async () => {
    const before = await addonPath(library, machine.env, linux);
    expect(before).toMatch(/\/addons\/napi8-tf9\.9\.9-linux-x64-[0-9a-f]{16}\/tensorflow\.node$/);
    expect(await addonPath(library, machine.env, linux)).toBe(before);
    await utimes(library.libraries[0] as string, 1, 1);
    expect(await addonPath(library, machine.env, linux)).not.toBe(before);
  });
});

describe("findCompiler", () => {
  it("takes CXX with its arguments, and nothing else where CXX does not run", async () => {
    await machine.install("my-compiler", "exit 0");
    expect(await findCompiler({ ...machine.env, CXX: "my-compiler -m64" })).toEqual(["my-compiler", "-m64"]);
    expect(await findCompiler({ ...machine.env, CXX: "no-such-compiler" })).toBeUndefined();
  });
});

describe("buildAddon", () => {
  it("shows the compiler's log where it fails, and leaves nothing", async () => {
    const script = 'case "$*" in *--version) exit 0;; esac; echo "isa.cc:1: error: boom" >&2; exit 1';
    await machine.install("broken", script);
    const env = { ...machine.env, CXX: "broken" };
    await expect(buildAddon(library, env, linux)).rejects.toMatchObject({
      code: "ERR_BACKEND",
      reason: expect.stringMatching(
        /^compiling kernels\/isa\.cc with broken ended with 1:\nisa\.cc:1: error: boom/,
      ),
    });
    expect(await readdir(nativeCache(env).stages)).toEqual([]);
    expect(await readdir(nativeCache(env).addons).catch(() => [])).toEqual([]);
  });

  it("refuses an addon that does not load", async () => {
    const script =
      'case "$*" in *--version) exit 0;; esac; while [ "$1" != -o ]; do shift; done; echo no > "$2"';
    await machine.install("careless", script);
    const env = { ...machine.env, CXX: "careless" };
    await expect(buildAddon(library, env, linux)).rejects.toMatchObject({
      reason: expect.stringContaining("the compiled addon does not load"),
    });
    expect(await readdir(nativeCache(env).addons).catch(() => [])).toEqual([]);
  });
});
