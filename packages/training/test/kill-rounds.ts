import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "@infinite-former/random";
import { expect } from "vitest";
import { cleanLeftovers, findNewestCheckpoint } from "../src/node.js";
import { saveUntilKilled } from "./saving-process.js";

/** Kills a process that saves step after step at random instants; every one that it said was saved must be there, whole. */
export async function killWhileAdvancing(times: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "checkpoint-kill-"));
  const rng = createRng(20);
  let next = 1;
  let interrupted = 0;
  try {
    for (let round = 0; round < times; round++) {
      const { said } = await saveUntilKilled(directory, next, "advance", { delay: rng.integer(0, 40) });
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
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The same while one checkpoint is replaced over and over: it must always be there. */
export async function killWhileReplacing(times: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "checkpoint-kill-"));
  const rng = createRng(21);
  try {
    for (let round = 0; round < times; round++) {
      await saveUntilKilled(directory, 7, "replace", { delay: rng.integer(0, 40) });
      await cleanLeftovers(directory);
      const { newest, passedOver } = await findNewestCheckpoint(directory);
      expect(passedOver).toEqual([]);
      expect(newest?.step).toBe(7);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
