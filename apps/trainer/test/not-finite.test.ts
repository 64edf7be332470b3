import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { cli, lossStream, smallRun, temporaryFolder, textFile } from "./harness.js";
import { plant } from "./plant.js";

const backend = ["--backend", "cpu"];

/** Every file of a run's checkpoints, by its path. */
async function checkpoints(run: string): Promise<Record<string, string>> {
  const folder = join(run, "checkpoints");
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  const entries = names.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path, (await readFile(path)).toString("base64")];
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe("numbers that are not finite", () => {
  let folder: string;
  let good: string;
  let copies = 0;

  /** A run of six steps, with checkpoints after three and six. */
  const copy = async (): Promise<string> => {
    const run = join(folder, `run-${copies++}`);
    await cp(good, run, { recursive: true });
    return run;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    good = join(folder, "good");
    // Eight segments of eight characters train, one of them with the only z: an epoch is four steps of two rows.
    const text = await textFile(folder, `${"abcdefg.".repeat(6)}abczefg.${"abcdefg.".repeat(2)}`);
    const { code, stderr } = await cli([
      "train",
      "--out",
      good,
      ...smallRun(text, { "training.sampleLength": 0 }),
    ]);
    expect(code, stderr).toBe(0);
  });

  trial({ number: 12, fault: "a learning rate of 1e9", on: "cpu" }, async () => {
    const run = await copy();
    const before = await checkpoints(run);
    const wild = ["--set", "training.learningRate=1e9", "--set", "training.checkpointEvery=1000"];
    const { code, stderr, stdout } = await cli([
      ...["train", "--resume", run, ...backend, ...wild, "--allow-config-change", "--steps", "40"],
    ]);
    expect([code, stdout], stderr).toEqual([1, ""]);
    const [, tensor, step] =
      /infinite-former: (.+) must be finite, got .* in step (\d+) \(/.exec(stderr) ?? [];
    expect(tensor, stderr).toMatch(/^(loss|(norm of )?gradients\.|params\.|new state\.)/);
    // Step 7 makes the weights enormous; what comes of them need not overflow at once.
    expect(Number(step)).toBeLessThanOrEqual(9);
    expect(stderr).toMatch(/learning rate [89]\d{8}\)/); // of the cosine from 1e9
    expect(stderr).toContain("try a smaller learning rate\n  the checkpoint of step 6 is kept");
    expect(await checkpoints(run)).toEqual(before);
  });

  trial(
    {
      number: 12,
      fault: "a learning rate at which float32 overflows (there is no mixed precision)",
      on: "cpu",
    },
    async () => {
      const run = await copy();
      const before = await checkpoints(run);
      const wild = ["--set", "training.learningRate=1e38", "--allow-config-change", "--steps", "12"];
      const { code, stderr } = await cli(["train", "--resume", run, ...backend, ...wild]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/infinite-former: .*must be finite, got NaN or infinity in step [78] /);
      expect(await checkpoints(run)).toEqual(before);
    },
  );

  trial({ number: 12, fault: "NaN or infinity in a file of a checkpoint", on: "cpu" }, async () => {
    for (const [file, tensor, value] of [
      ["model.safetensors", "layers.0.feedForward.outer.kernel", Number.NaN],
      ["optimizer.safetensors", "first.embedding", Number.POSITIVE_INFINITY],
      ["memory.safetensors", "recent.0", Number.NaN],
    ] as const) {
      const run = await copy();
      const checkpoint = join(run, "checkpoints/step-6");
      await plant(checkpoint, file, tensor, value);
      const before = await checkpoints(run);
      const verbs = [["train", "--steps", "9", "--resume"], ["generate"], ["evaluate"]];
      for (const verb of file === "model.safetensors" ? verbs : verbs.slice(0, 1)) {
        const { code, stderr } = await cli([...verb, run, ...backend]);
        expect(code, stderr).toBe(2);
        expect(stderr).toContain(
          `${join(checkpoint, file)} must hold finite numbers, got ${value} at 1 of ${tensor}`,
        );
      }
      expect(await checkpoints(run)).toEqual(before);
    }
  });

  trial({ number: 12, fault: "updates with NaN under --skip-nonfinite", on: "cpu" }, async () => {
    const run = await copy();
    const vocabulary = JSON.parse(await readFile(join(run, "config.json"), "utf8")).vocabulary as string[];
    const row = vocabulary.indexOf("z");
    // Finite itself, so that the one segment with a z overflows and the others don't: once an epoch.
    await plant(join(run, "checkpoints/step-6"), "model.safetensors", "embedding", 3e38, row * 8);
    const resume = (steps: number, ...more: string[]) =>
      cli(["train", "--resume", run, ...backend, "--steps", `${steps}`, ...more]);
    const refused = await resume(14, "--skip-nonfinite", "1");
    expect(refused.code, refused.stderr).toBe(1);
    expect(refused.stderr).toMatch(
      / must be finite, got NaN or infinity in step 11 .*\n +the checkpoint of step 9 is kept/,
    );
    expect(await readdir(join(run, "checkpoints"))).toEqual(["step-6", "step-9"]);
    const { code, stderr } = await resume(14, "--skip-nonfinite", "2");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("step 11: loss or gradient is not finite; update left out (2 so far)");
    expect(await lossStream(run)).toContainEqual(
      expect.objectContaining({ step: 14, split: "train", skipped: 2 }),
    );
  });
});
