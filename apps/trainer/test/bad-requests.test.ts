import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { Runner } from "../src/runner.js";
import { cli, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

describe("generate", () => {
  let folder: string;
  let run: string;
  let other: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const text = await textFile(folder);
    [run, other] = [join(folder, "run"), join(folder, "other")];
    for (const [out, settings] of [
      [run, {}],
      [other, { "model.layers": 2 }],
    ] as const) {
      const { code, stderr } = await cli(["train", "--out", out, ...smallRun(text, settings)]);
      expect(code, stderr).toBe(0);
    }
  });
  const generate = (...args: string[]) =>
    cli(["generate", run, "--backend", "cpu", "--max-tokens", "9", ...args]);
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await generate(...args);
    expect([code, stdout], stderr).toEqual([2, ""]);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };

  const values: [string, string[], string][] = [
    ["a temperature of NaN", ["--temperature", "NaN"], "It must be a finite number."],
    ["an infinite temperature", ["--temperature", "Infinity"], "It must be a finite number."],
    [
      "a negative temperature",
      ["--temperature", "-1"],
      "--temperature: must be a finite number of at least 0, got -1",
    ],
    ["top-p 0", ["--top-p", "0"], "--top-p: must be in (0, 1], got 0"],
    ["top-p 2", ["--top-p", "2"], "--top-p: must be in (0, 1], got 2"],
    [
      "more tokens than can be counted",
      ["--max-tokens", "99999999999999999999"],
      "It must be at most 9007199254740991.",
    ],
    ["half a token", ["--max-tokens", "0.5"], "It must be an integer of at least 0."],
  ];
  for (const [fault, args, said] of values) {
    trial({ number: 23, fault: `generate with ${fault}`, on: "cpu" }, async () => {
      expect(await refused(...args)).toContain(said);
    });
  }

  trial(
    {
      number: 23,
      fault: "generate with an empty prompt, one of 9,000 characters, and foreign ones",
      on: "cpu",
    },
    async () => {
      const empty = await generate("--prompt", "", "--temperature", "0");
      expect([empty.code, empty.stdout.length], empty.stderr).toEqual([0, 10]);
      const huge = await generate("--prompt", smallText.repeat(10), "--temperature", "0");
      expect([huge.code, huge.stdout.length], huge.stderr).toEqual([0, 10]);
      const foreign = await generate("--prompt", "ΩΩ");
      expect(foreign.stderr).toContain(
        "--prompt: 2 characters outside the vocabulary, read as the unknown symbol\n",
      );
    },
  );

  trial(
    { number: 23, fault: "generate with a memory of another model, of none, or without end", on: "cpu" },
    async () => {
      const memory = join(folder, "memory.safetensors");
      const saved = await cli([
        "generate",
        other,
        "--backend",
        "cpu",
        "--prompt",
        "the",
        "--save-memory",
        memory,
      ]);
      expect(saved.code, saved.stderr).toBe(0);
      expect(await refused("--memory", memory)).toContain(
        `--memory ${memory}: belongs to another model: layers is 2 in the file and 1 in the model`,
      );
      expect(await refused("--memory", join(run, "checkpoints/step-6/model.safetensors"))).toContain(
        "is not a memory that generate saved",
      );
      expect(await refused("--memory", join(folder, "none"))).toContain("no such file or directory");
      const bytes = await readFile(memory);
      const inspected = await cli(["inspect", memory]);
      expect([inspected.code, inspected.stderr]).toEqual([0, ""]);
      const altered = Uint8Array.from(bytes);
      altered[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
      await writeFile(memory, altered);
      const damaged = await cli(["inspect", memory]);
      expect([damaged.code, damaged.stdout]).toEqual([2, ""]);
      expect(damaged.stderr).toContain(`${memory}: file must match its checksum sha256 `);
      await writeFile(memory, bytes.subarray(0, 500));
      expect(await refused("--memory", memory)).toContain("is not a memory file");
    },
  );

  trial({ number: 23, fault: "generate with a memory that cannot be saved", on: "cpu" }, async () => {
    const before = await readdir(folder);
    for (const [path, said] of [
      [
        join(folder, "none", "memory"),
        `cannot be written: ${join(folder, "none")}: no such file or directory`,
      ],
      [folder, "must be a file"],
      [
        join(run, "config.json", "memory"),
        `cannot be written: ${join(run, "config.json")}: a part of the path is not a directory`,
      ],
    ] as const) {
      expect(await refused("--save-memory", path)).toContain(`--save-memory ${path}: ${said}`);
    }
    expect(await readdir(folder)).toEqual(before);
  });

  trial({ number: 23, fault: "two runners of one run, each with a text of its own", on: "cpu" }, async () => {
    const write = async (prompt: string): Promise<string> => {
      const runner = await Runner.open(run);
      let text = "";
      await runner.read(smallText.slice(0, 200));
      for await (const piece of runner.generate({ prompt, maxTokens: 30, temperature: 0.9, seed: 3 }))
        text += piece;
      runner.dispose();
      return text;
    };
    const prompts = ["the whale ", "a mast"];
    const alone = [await write(prompts[0] as string), await write(prompts[1] as string)];
    expect(await Promise.all(prompts.map(write))).toEqual(alone);
    expect(alone[0]).not.toBe(alone[1]);
  });
});
