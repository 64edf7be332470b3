import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Contender } from "../comparisons.js";
import type { Isa } from "../result.js";
import { createLauncher } from "./launcher.js";

// `PYTHON peer.py --manner …`: this stands for the Python, and finds its manner behind the peer's name.
const python = { command: fileURLToPath(new URL("../../test/fake-python.sh", import.meta.url)), torch: "2" };
const peer = (manner: string): Contender => ({
  label: "pytorch-careful",
  language: "python",
  options: { case: manner },
});
const launcher = (isa: Isa, notices: string[] = []) =>
  createLauncher({ isa, seed: 3, python, onMissing: (line) => notices.push(line) });

describe("createLauncher", () => {
  it("sets the instruction set in the environment of a contender, and takes it away", async () => {
    for (const [isa, seen] of [
      ["avx2", "AVX2"],
      ["native", "undefined"],
    ] as const) {
      process.env["ONEDNN_MAX_CPU_ISA"] = "AVX512_CORE";
      const running = await launcher(isa).start(peer("well"), "a case");
      delete process.env["ONEDNN_MAX_CPU_ISA"];
      expect(running?.ready.versions["isa"] ?? "undefined").toBe(seen);
      await running?.quit();
    }
  });

  it("leaves out a peer whose Python package is missing, and says what helps", async () => {
    const notices: string[] = [];
    expect(await launcher("native", notices).start(peer("missing"), "generate gpt2")).toBe(null);
    expect(notices).toEqual([
      "generate gpt2 is left out: a Python package is missing: pip install torch transformers",
    ]);
  });

  it("leaves out peers where there is no Python", async () => {
    const without = createLauncher({
      isa: "native",
      seed: 1,
      python: { missing: "none" },
      onMissing: () => {},
    });
    expect(await without.start(peer("well"), "a case")).toBe(null);
  });

  it("passes on any other failure", async () => {
    const refused = launcher("native").start(peer("garbage-first"), "train-step gpt2");
    await expect(refused).rejects.toThrow("train-step gpt2: wrote");
  });
});
