import { existsSync } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { cli, smallRun, temporaryFolder, textFile } from "./harness.js";

describe("a configuration", () => {
  let folder: string;
  let text: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    text = await textFile(folder);
  });

  /** What is said of settings that are wrong, line by line; nothing may be written, no stack shown. */
  async function refused(args: readonly string[]): Promise<string[]> {
    const out = join(folder, "never");
    const { code, stdout, stderr } = await cli(["train", "--out", out, ...smallRun(text), ...args]);
    expect([code, stdout, existsSync(out)], stderr).toEqual([2, "", false]);
    expect(stderr).not.toMatch(/\n\s+at /);
    const [, said = ""] = /^infinite-former: (.*)\n$/ms.exec(stderr) ?? [];
    return said.replaceAll(folder, "DIR").split("\n");
  }
  const set = (...assignments: string[]) => refused(assignments.flatMap((one) => ["--set", one]));
  const file = async (name: string, content: string): Promise<string[]> => {
    await writeFile(join(folder, name), content);
    return refused(["--config", join(folder, name)]);
  };

  const one: [string, string[], string][] = [
    ["an unknown key", ["model.head=2"], "model.head: unknown setting; did you mean model.heads? (--set)"],
    [
      "an unknown section",
      ["optimizer.learningRate=1"],
      "optimizer.learningRate: unknown setting; did you mean training.learningRate? (--set)",
    ],
    [
      "a word for a number",
      ["model.heads=two"],
      'model.heads: must be an integer from 1 to 1024, got "two" (--set)',
    ],
    ["a number for a flag", ["model.gate=1"], 'model.gate: must be true or false, got "1" (--set)'],
    ["an odd N", ["model.basisCount=9"], "model.basisCount: must be even, got 9"],
    ["N = 0", ["model.basisCount=0"], "model.basisCount: must be an integer from 2 to 65536, got 0 (--set)"],
    [
      "a negative N",
      ["model.basisCount=-8"],
      "model.basisCount: must be an integer from 2 to 65536, got -8 (--set)",
    ],
    [
      "heads that do not divide the width",
      ["model.heads=3"],
      "model.heads: must divide model.modelSize (8), got 3",
    ],
    ...["0", "1", "-0.5", "2", "1e999"].map((tau): [string, string[], string] => [
      `τ = ${tau}`,
      [`model.contraction=${tau}`],
      `model.contraction: must be a number between 0 and 1, neither included, got ${Number(tau)} (--set)`,
    ]),
    ["clusters out of order", ["model.cutoffs=9,4"], "model.cutoffs: must be ascending word ids, got [9, 4]"],
    [
      "a divisor that does not divide the width",
      ["model.cutoffs=4", "model.divisor=3"],
      "model.divisor: must divide model.modelSize (8), got 3",
    ],
    [
      "a divisor that does not divide the width often enough",
      ["model.cutoffs=4,7", "model.divisor=4"],
      "model.divisor: must divide model.modelSize (8) once for each of 2 model.cutoffs, got 4",
    ],
    [
      "a target longer than the memory",
      ["model.segmentLength=16"],
      "model.shortTermLength: must be 0 or a multiple of model.segmentLength (16), got 8",
    ],
  ];
  for (const [fault, settings, said] of one) {
    trial({ number: 15, fault }, async () => {
      expect((await set(...settings)).filter((line) => line.includes(said))).toHaveLength(1);
    });
  }

  trial({ number: 15, fault: "many wrong settings, in a file and in arguments" }, async () => {
    const path = join(folder, "many.yaml");
    await writeFile(
      path,
      "model:\n  ridge: [1]\n  contraction: 1\n  layer: 2\ntrainig:\n  steps: 3\ntraining: 5\n",
    );
    expect(await refused(["--config", path, "--set", "model.basisCount=7", "--steps", "0"])).toEqual([
      "8 faults",
      "  model.layer: unknown setting; did you mean model.layers? (DIR/many.yaml)",
      "  trainig: unknown section; did you mean training? (DIR/many.yaml)",
      "  training: must be an object of settings, got 5 (DIR/many.yaml)",
      "  model.ridge: must be a number above 0, got [1] (DIR/many.yaml)",
      "  model.contraction: must be a number between 0 and 1, neither included, got 1 (DIR/many.yaml)",
      "  training.steps: must be an integer from 1 to 1000000000, got 0 (--steps)",
      "  model.basisCount: must be even, got 7",
      "  model.basisCount: must be a multiple of the number of model.basisWidths (2), got 7",
    ]);
  });

  trial({ number: 15, fault: "a bomb of YAML anchors" }, async () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`,
    );
    const began = performance.now();
    const said = await file("bomb.yaml", ["a0: &a0 [x,x,x,x,x,x,x,x,x]", ...levels].join("\n"));
    expect(said).toEqual([
      expect.stringMatching(/^DIR\/bomb\.yaml: cannot be parsed: its aliases stand for/),
    ]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  trial({ number: 15, fault: "a file of 100 MB" }, async () => {
    const path = join(folder, "large.json");
    await writeFile(path, "{");
    await truncate(path, 1e8);
    const before = process.memoryUsage().rss;
    expect(await refused(["--config", path])).toEqual([
      "DIR/large.json: must have at most 1000000 bytes, as a configuration file, got 100000000 bytes",
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  const noDevices = process.platform === "win32" && "Windows has no such devices";
  trial({ number: 15, fault: "a file without end", skip: noDevices }, async () => {
    expect(await refused(["--config", "/dev/zero"])).toEqual([
      "/dev/zero: must have at most 1000000 bytes, as a configuration file, got more",
    ]);
  });

  trial(
    { number: 15, fault: "a file that is broken off, nested 20,000 deep, or full of strange keys" },
    async () => {
      expect(await file("broken.json", '{"model": {"heads": 2')).toEqual([
        expect.stringMatching(/^DIR\/broken\.json: cannot be parsed: .*line 1/),
      ]);
      expect(await file("deep.yaml", "[".repeat(20_000))).toHaveLength(1);
      const said = await file(
        "keys.json",
        '{"__proto__":{"x":1},"constructor":{"y":2},"model":{"toString":1}}',
      );
      expect(said[0]).toBe("3 faults");
      expect("x" in {}).toBe(false);
    },
  );
});
