import { join } from "node:path";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { beforeAll, describe, expect, it } from "vitest";
import { smallRun, temporaryFolder, textFile } from "./harness.js";

const watched = (...args: string[]) =>
  startScript(new URL("./watched-process.ts", import.meta.url), args).ended;

describe("the command line asks nothing of the network and starts no program", () => {
  let folder: string;
  let run: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    run = join(folder, "run");
  });

  it("that would be seen", async () => {
    const { stderr } = await watched("try");
    expect(stderr.match(/^TRIED \w+$/gm)).toEqual(["TRIED connect", "TRIED fetch", "TRIED spawn"]);
  });

  it("to train, evaluate, write and inspect, from a text and from the book", async () => {
    const text = await textFile(folder);
    const train = smallRun(text).slice(2); // any backend
    for (const args of [
      ["train", "--out", run, ...train],
      ["train", "--preset", "tiny", "--steps", "2", "--out", join(folder, "book")],
      ["evaluate", run],
      ["generate", run, "--prompt", "the ", "--max-tokens", "5"],
      ["inspect", run],
      ["presets"],
    ]) {
      const { code, stderr } = await watched(...args);
      expect(code, stderr).toBe(0);
      expect(stderr).not.toContain("TRIED");
    }
  });
});
