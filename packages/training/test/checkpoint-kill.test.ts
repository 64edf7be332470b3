import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRng } from "@infinite-former/random";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanLeftovers, findNewestCheckpoint } from "../src/node.js";

// Files and processes are the same on every backend: once is enough.
const once = process.env["INFINITE_FORMER_BACKEND"] === "cpu";
const elsewhere = "no backend takes part: run once, with cpu";
const program = fileURLToPath(new URL("../node_modules/.cache/save-checkpoints.mjs", import.meta.url));
let directory = "";

beforeAll(async () => {
  if (!once) return;
  await build({
    entryPoints: [fileURLToPath(new URL("save-checkpoints.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@infinite-former/source"],
    external: ["@tensorflow/*"],
  });
  directory = await mkdtemp(join(tmpdir(), "checkpoint-kill-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs the program, kills it some time after its first save, and gives the last step it said was saved. */
async function saveAndKill(first: number, mode: "advance" | "replace", delay: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory, `${first}`, "300000", mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") setTimeout(() => child.kill("SIGKILL"), delay);
    output += text;
  });
  await new Promise((resolve) => child.on("close", resolve));
  return Number(output.trimEnd().split("\n").at(-1));
}

describe("a process killed while it saves", () => {
  skipEach(!once && elsewhere);
  it("never loses a checkpoint that it said was saved, nor leaves half of one (20 times)", async () => {
    const rng = createRng(20);
    let next = 1;
    let interrupted = 0;
    for (let round = 0; round < 20; round++) {
      const said = await saveAndKill(next, "advance", rng.integer(0, 40));
      const { newest, passedOver } = await findNewestCheckpoint(directory);
      expect(passedOver).toEqual([]);
      expect(newest?.step).toBeGreaterThanOrEqual(said);
      expect(newest?.step).toBeLessThanOrEqual(said + 1);
      expect(newest?.state.data).toEqual({ epoch: 0, step: newest?.step });
      interrupted += (await cleanLeftovers(directory)).length > 0 ? 1 : 0;
      expect((await readdir(directory)).filter((name) => !name.startsWith("step-"))).toEqual([]);
      next = newest!.step + 1;
    }
    expect(interrupted).toBeGreaterThan(0); // some kills did hit a save
  });

  it("never loses the checkpoint it is replacing (10 times)", async () => {
    const rng = createRng(21);
    for (let round = 0; round < 10; round++) {
      await saveAndKill(1_000_000, "replace", rng.integer(0, 40));
      await cleanLeftovers(directory);
      const { newest, passedOver } = await findNewestCheckpoint(directory);
      expect(passedOver).toEqual([]);
      expect(newest?.step).toBe(1_000_000);
    }
  });
});

const canMount = (): boolean =>
  process.platform === "linux" &&
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0;

describe("a disk that is full", () => {
  skipEach(once ? !canMount() && "needs the right to mount a small file system" : elsewhere);
  it("is named with path and bytes, and the earlier checkpoint stays", async () => {
    const small = await mkdtemp(join(tmpdir(), "checkpoint-full-"));
    try {
      // A tmpfs of 1 MiB in a mount namespace of its own: room for one checkpoint of 0.7 MB.
      const script = `mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1" 5 350000 advance`;
      const arguments_ = ["-rm", "sh", "-c", script, "sh", small, process.execPath, program];
      const { stdout, status } = spawnSync("unshare", arguments_, { encoding: "utf8" });
      expect(status).toBe(1);
      const [saved, failed] = stdout.trimEnd().split("\n");
      expect(saved).toBe("5");
      expect(JSON.parse(failed!)).toEqual({
        message: expect.stringMatching(
          /step-6.*could not be written \(a checkpoint of 70\d{4} bytes\): no space left/,
        ),
        newest: 5,
      });
    } finally {
      await rm(small, { recursive: true });
    }
  });
});
