import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { oneBuilds } from "./one-builds.js";

let folder: string;
let claim: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "one-builds-"));
  claim = join(folder, "claims", "thing.claim");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("oneBuilds", () => {
  it("builds once for all that want it at the same time, and leaves no claim", async () => {
    let builds = 0;
    let there = false;
    const want = (): Promise<void> =>
      oneBuilds(
        claim,
        async () => there,
        async () => {
          builds++;
          await pause(50);
          there = true;
        },
      );
    await Promise.all(Array.from({ length: 8 }, want));
    await want();
    expect(builds).toBe(1);
    expect(await readdir(join(folder, "claims"))).toEqual([]);
  });

  it("lets the next one build where a build failed", async () => {
    let there = false;
    const fails = oneBuilds(
      claim,
      async () => there,
      () => Promise.reject(new Error("boom")),
    );
    await expect(fails).rejects.toThrow("boom");
    await oneBuilds(
      claim,
      async () => there,
      async () => {
        there = true;
      },
    );
    expect(there).toBe(true);
  });

  it.each([
    ["of a process that is gone", "999999999", 0],
    ["that is ten minutes old", String(process.ppid), 11 * 60],
    ["that names nobody", "", 5],
  ])("passes over a claim %s", async (_, text, age) => {
    const path = join(folder, "left.claim");
    await writeFile(path, text);
    const then = Date.now() / 1000 - age;
    await utimes(path, then, then);
    let there = false;
    await oneBuilds(
      path,
      async () => there,
      async () => {
        expect(await readFile(path, "utf8")).toBe(String(process.pid));
        there = true;
      },
    );
    expect(there).toBe(true);
  });

  it("waits for a process that lives", async () => {
    const path = join(folder, "held.claim");
    await writeFile(path, String(process.ppid));
    let there = false;
    let ended = false;
    const waits = oneBuilds(
      path,
      async () => there,
      () => Promise.reject(new Error("must not build")),
    ).then(() => {
      ended = true;
    });
    await pause(500);
    expect(ended).toBe(false);
    there = true;
    await waits;
    expect(await readFile(path, "utf8")).toBe(String(process.ppid));
  });
});
