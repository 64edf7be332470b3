import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { testBackends } from "@infinite-former/tooling-vitest";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { readCheckpointState } from "@infinite-former/training/node";
import { beforeAll, describe, expect } from "vitest";
import { hashes } from "./checkpoint-files.js";
import { cli, lossStream, smallRun, smallText, startCli, temporaryFolder, textFile } from "./harness.js";

/** Ways to compute: a backend, and whether native TensorFlow records its steps. */
const ways = [
  { on: "cpu", backend: "cpu", env: {} },
  { on: "wasm", backend: "wasm", env: {} },
  { on: "tensorflow, compiled", backend: "tensorflow", env: {} },
  { on: "tensorflow, eager", backend: "tensorflow", env: { INFINITE_FORMER_COMPILE: "0" } },
];
const steps = 13;
const stepsPerEpoch = 6;

/**
 * A run in which everything is on the way that a resumed one could lose:
 * dropout, sticky memories, memories that are wiped, an epoch's end, and
 * reports whose steps lie on both sides of a checkpoint.
 */
function everything(text: string, backend: string): string[] {
  const args = smallRun(text, {
    "model.layers": 2,
    "model.dropout": 0.2,
    "model.sampling": "sticky",
    "model.stickyBins": 16,
    "model.wipeAfter": 5,
    "training.learningRate": 0.02,
    "training.steps": steps,
    "training.checkpointEvery": 1,
    "training.logEvery": 3,
    "training.evaluateEvery": 4,
    "training.evaluateRows": 1,
  });
  return [...args.slice(2), "--backend", backend, "--keep", `${steps}`];
}

let folder: string;
let text: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder, smallText.slice(0, 108)); // 97 to train: 12 segments of 8, in 2 rows
});

describe.each(ways)("on $on", ({ on, backend, env }) => {
  const skip = !testBackends().includes(backend) && `the backend ${backend} is not tested here`;
  const whole = () => join(folder, `whole ${on}`);
  const last = (run: string) => hashes(join(run, `checkpoints/step-${steps}`));

  const stops = [1, stepsPerEpoch, stepsPerEpoch + 1, 10];
  const fault =
    "resumed from a checkpoint within and at the end of an epoch, between two reports; with dropout, sticky and wiped memories";
  trial({ number: 11, fault, times: stops.length, on, skip }, async () => {
    const trained = await cli(["train", "--out", whole(), ...everything(text, backend)], env);
    expect(trained.code, trained.stderr).toBe(0);
    const atEpoch = await readCheckpointState(join(whole(), `checkpoints/step-${stepsPerEpoch}`));
    expect(atEpoch.state.data).toEqual({ epoch: 1, step: 0 });
    for (const stop of stops) {
      const run = join(folder, `${on} ${stop}`);
      await cp(whole(), run, { recursive: true });
      for (const name of await readdir(join(run, "checkpoints"))) {
        if (Number(name.slice("step-".length)) > stop) {
          await rm(join(run, "checkpoints", name), { recursive: true });
        }
      }
      const resumed = await cli(["train", "--resume", run, "--backend", backend], env);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(resumed.stderr).toContain(`going on from step ${stop} of ${steps}`);
      expect(await last(run)).toEqual(await last(whole()));
      expect(await lossStream(run)).toEqual(await lossStream(whole()));
    }
  });

  const again = "the same seed in a process of its own; another seed";
  trial({ number: 11, fault: again, on, skip }, async () => {
    const run = join(folder, `${on} again`);
    const { code, stderr } = await startCli(["train", "--out", run, ...everything(text, backend)], env).ended;
    expect(code, stderr).toBe(0);
    expect(await last(run)).toEqual(await last(whole()));
    expect(await lossStream(run)).toEqual(await lossStream(whole()));
    const other = join(folder, `${on} other`);
    const seeded = await cli(
      ["train", "--out", other, ...everything(text, backend), "--seed", "7", "--steps", "1"],
      env,
    );
    expect(seeded.code, seeded.stderr).toBe(0);
    const first = (await hashes(join(whole(), "checkpoints/step-1")))["model.safetensors"];
    expect((await hashes(join(other, "checkpoints/step-1")))["model.safetensors"]).not.toBe(first);
  });
});
