import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testBackends } from "@infinite-former/tooling-vitest";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect, it } from "vitest";
import { cli, lossStream, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

/** Arguments of a small sticky run; later settings stand above earlier ones. */
const sticky = (text: string, backend: string, settings: Record<string, unknown> = {}): string[] => {
  const own = {
    "model.sampling": "sticky",
    "model.stickyBins": 16,
    "training.learningRate": 0.02,
    ...settings,
  };
  const args = ["--preset", "tiny", ...smallRun(text, own)];
  return args.map((arg, i) => (args[i - 1] === "--backend" ? backend : arg));
};

let folder: string;
let text: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
});

describe("training with sticky memories", () => {
  for (const density of ["gaussian", "truncated-parabola"]) {
    const fault = `12 steps on every backend: losses within 2e-4 of each other (${density}, sticky)`;
    trial({ number: 24, fault, on: testBackends().join(", ") }, async () => {
      const settings = { "model.density": density, "training.steps": 12, "training.logEvery": 1 };
      const losses = async (backend: string, more: object = {}): Promise<number[]> => {
        const run = join(folder, `${density}-${backend}-${Object.keys(more).join()}`);
        const { code, stderr } = await cli([
          "train",
          "--out",
          run,
          ...sticky(text, backend, { ...settings, ...more }),
        ]);
        expect(code, stderr).toBe(0);
        const lines = (await lossStream(run)) as { split: string; loss: number }[];
        return lines.filter(({ split }) => split === "train").map(({ loss }) => loss);
      };
      const want = await losses("cpu");
      for (const backend of testBackends().filter((name) => name !== "cpu")) {
        (await losses(backend)).forEach((loss, i) => {
          expect(Math.abs(loss - (want[i] as number)), `${backend}, step ${i + 1}`).toBeLessThan(2e-4);
        });
      }
      const uniform = await losses("cpu", { "model.sampling": "uniform" });
      expect(uniform.slice(0, 2)).toEqual(want.slice(0, 2)); // nothing to sample yet
      expect(uniform.at(-1)).not.toBeCloseTo(want.at(-1) as number, 7);
    });
  }
});

describe("generate with sticky memories", () => {
  let run: string;
  beforeAll(async () => {
    run = join(folder, "run");
    const { code, stderr } = await cli([
      "train",
      "--out",
      run,
      ...sticky(text, "cpu", { "training.steps": 30 }),
    ]);
    expect(code, stderr).toBe(0);
  });
  const generate = async (...args: string[]) => cli(["generate", run, "--backend", "cpu", ...args]);

  it("goes on from a saved memory as if it had read the text itself, given the same seed", async () => {
    const memory = join(folder, "memory.safetensors");
    const document = await textFile(folder, smallText.slice(0, 203), "document.txt");
    const writing = ["--prompt", "the sea", "--temperature", "0", "--max-tokens", "40", "--seed", "5"];
    const whole = await generate("--read", document, ...writing);
    const saving = ["--save-memory", memory, "--max-tokens", "0", "--seed", "5"];
    expect((await generate("--read", document, ...saving)).code).toBe(0);
    const continued = await generate("--memory", memory, ...writing);
    expect(continued.stdout).toBe(whole.stdout);
    expect(whole.stderr).not.toContain("seed ");
    expect((await generate("--prompt", "a", "--temperature", "0", "--max-tokens", "1")).stderr).toMatch(
      /seed \d+/,
    );

    // The same file, with one bit of the attention's mass changed.
    const bytes = await readFile(memory);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] as number) ^ 1;
    await writeFile(memory, bytes);
    const refused = await generate("--memory", memory, ...writing);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(`--memory ${memory}: file must match its checksum`);
  });
});
