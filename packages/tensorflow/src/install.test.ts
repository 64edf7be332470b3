import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleForNode, type Child, startNode } from "../test/support/child.js";
import { type FakeMachine, fakeMachine, pipScript } from "../test/support/fake-machine.js";
import { fakeBuild, libraryMembers } from "../test/support/fake-wheel.js";
import { nativeCache } from "./cache.js";
import { installBuild } from "./install.js";
import type { NativeBuild } from "./pins.js";

let machine: FakeMachine;
beforeEach(async () => {
  machine = await fakeMachine();
});
afterEach(() => machine.remove());

const quiet = () => {};
const list = (folder: string) => readdir(folder).catch((): string[] => []);

/** The folder holds exactly what the wheel's needed members hold, and nothing is left beside it. */
async function expectInstalled(build: NativeBuild, size: number): Promise<void> {
  const cache = nativeCache(machine.env);
  const root = join(cache.libraries, build.name);
  const library = await readFile(join(root, "tensorflow/libtensorflow_cc.so.2"));
  expect(library.equals(Buffer.alloc(size, "c"))).toBe(true);
  expect((await readdir(join(root, "tensorflow"))).sort()).toEqual([
    "include",
    "libtensorflow_cc.so.2",
    "libtensorflow_framework.so.2",
  ]);
  expect(await list(cache.stages)).toEqual([]);
  expect(await list(cache.libraries)).toEqual([build.name]);
}

/** @param killedAt the stage at whose beginning the process kills itself: from outside one might come too late. */
async function startInstall(build: NativeBuild, killedAt = "never"): Promise<Child> {
  const file = await bundleForNode(
    "install",
    `import { installBuild } from "./install.ts";
     await installBuild(JSON.parse(process.env.BUILD), process.env, ({ stage }) => {
       console.log(stage);
       if (stage === process.env.KILLED_AT) process.kill(process.pid, "SIGKILL");
     });
     console.log("installed");`,
  );
  return startNode(file, { ...machine.env, BUILD: JSON.stringify(build), KILLED_AT: killedAt });
}

describe("installBuild", () => {
  it("unpacks what is needed of a wheel, once", async () => {
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install("python3", pipScript(wheel));
    const stages: string[] = [];
    await installBuild(build, machine.env, ({ stage }) => stages.push(stage));
    await installBuild(build, machine.env, quiet);
    await expectInstalled(build, 64);
    expect(stages[0]).toBe("download");
    expect(await machine.log()).toEqual(["download"]);
  });

  it("says the size beforehand", async () => {
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install("python3", pipScript(wheel));
    const messages: string[] = [];
    const large = { ...build, unpackedBytes: 7_000_000 };
    await installBuild(large, machine.env, ({ message }) => messages.push(message));
    expect(messages[0]).toBe("fetching TensorFlow 9.9.9: 0 MB to download, 7 MB on disk");
  });

  it("refuses a wheel whose SHA-256 is not the pinned one and leaves nothing", async () => {
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install("python3", pipScript(wheel));
    const wheels = build.wheels.map((pinned) => ({ ...pinned, sha256: "0".repeat(64) }));
    await expect(installBuild({ ...build, wheels }, machine.env, quiet)).rejects.toMatchObject({
      code: "ERR_BACKEND",
      reason: expect.stringContaining("SHA-256"),
    });
    const cache = nativeCache(machine.env);
    expect(await list(cache.libraries)).toEqual([]);
    expect(await list(cache.stages)).toEqual([]);
  });

  it("says what pip said where the download fails", async () => {
    const { build } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install(
      "python3",
      'case "$*" in *--version*) exit 0;; esac; echo "ERROR: No matching distribution" >&2; exit 1',
    );
    await expect(installBuild(build, machine.env, quiet)).rejects.toMatchObject({
      reason: "downloading tensorflow-cpu 9.9.9 failed: No matching distribution",
      remedy: expect.stringContaining("PIP_INDEX_URL"),
    });
  });

  it("asks for Python where there is no pip", async () => {
    const bare = await fakeMachine(false);
    const { build } = await fakeBuild(bare.folder, libraryMembers());
    await expect(installBuild(build, bare.env, quiet)).rejects.toMatchObject({
      reason: expect.stringContaining("no Python"),
      remedy: expect.stringContaining("python3-pip"),
    });
    await bare.remove();
  });

  it("asks for disk space before it downloads", async () => {
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install("python3", pipScript(wheel));
    await expect(installBuild({ ...build, unpackedBytes: 1e18 }, machine.env, quiet)).rejects.toMatchObject({
      reason: expect.stringMatching(/has \d+ MB free, TensorFlow needs \d+ MB/),
      remedy: expect.stringContaining("XDG_CACHE_HOME"),
    });
    expect(await machine.log()).toEqual([]);
  });

  it("lets one of two work and the other wait", async () => {
    const size = 100_000;
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers(size));
    await machine.install("python3", pipScript(wheel, 1));
    const children = [await startInstall(build), await startInstall(build)];
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
    await expectInstalled(build, size);
    expect(await machine.log()).toEqual(["download"]);
    expect(children.some(({ output }) => output.stdout.includes("wait"))).toBe(true);
  });

  it("finishes what a killed set-up was downloading", async () => {
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers());
    await machine.install("python3", pipScript(wheel, 60));
    const child = await startInstall(build);
    const cache = nativeCache(machine.env);
    await child.says("download");
    while ((await machine.log()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill();
    await child.ended;
    expect(await list(join(cache.libraries, build.name))).toEqual([]);
    expect(await list(cache.stages)).toHaveLength(1);
    await machine.install("python3", pipScript(wheel));
    await installBuild(build, machine.env, quiet);
    await expectInstalled(build, 64);
  });

  it("unpacks what a killed set-up had downloaded, without downloading it again", async () => {
    const size = 100_000;
    const { build, wheel } = await fakeBuild(machine.folder, libraryMembers(size));
    await machine.install("python3", pipScript(wheel));
    const child = await startInstall(build, "unpack");
    await child.ended;
    expect(child.process.signalCode).toBe("SIGKILL");
    const root = join(nativeCache(machine.env).libraries, build.name);
    expect(await stat(root).catch(() => "absent")).toBe("absent");
    await installBuild(build, machine.env, quiet);
    await expectInstalled(build, size);
    expect(await machine.log()).toEqual(["download"]);
  });
});
