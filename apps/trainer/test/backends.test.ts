import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { testBackends } from "@infinite-former/tooling-vitest";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect } from "vitest";
import { type CliResult, cli, lossStream, smallRun, startCli, temporaryFolder, textFile } from "./harness.js";

let folder: string;
let text: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
});

/** Arguments of a run of one step on a backend. */
const oneStep = (run: string, backend: string): string[] => [
  ...["train", "--out", join(folder, run)],
  ...smallRun(text, { "training.steps": 1 }).slice(2),
  ...["--backend", backend],
];

/** Trains one step in a process of its own, whose environment has a fault. */
async function trained(run: string, backend: string, env: Record<string, string>): Promise<CliResult> {
  const end = await startCli(oneStep(run, backend), { INFINITE_FORMER_NATIVE: "", ...env }).ended;
  expect(end.stderr).not.toMatch(/^ {4}at |Aborted\(/m);
  return end;
}

/** Runs a function while a backend lacks a kernel. */
async function withoutExp(backend: string, run: (taken: tf.KernelConfig) => Promise<void>): Promise<void> {
  const taken = tf.getKernel("Exp", backend) as tf.KernelConfig;
  tf.unregisterKernel("Exp", backend);
  try {
    await run(taken);
  } finally {
    if (tf.getKernel("Exp", backend) != null) tf.unregisterKernel("Exp", backend);
    tf.registerKernel(taken);
  }
}

describe("native TensorFlow that is not there", () => {
  const absent = "native TensorFlow is not set up: a notice, and wasm";
  trial({ number: 24, fault: absent, on: "wasm" }, async () => {
    const env = { XDG_CACHE_HOME: join(folder, "empty"), PATH: "" }; // no Python with a TensorFlow of its own either
    const { code, stderr } = await trained("absent", "auto", env);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^backend: wasm .*tensorflow is not available: native TensorFlow is not set up.*to mend that: npx infinite-former setup$/m,
    );
    const named = await trained("absent-named", "tensorflow", env);
    expect(named.code, named.stderr).toBe(1);
    expect(named.stderr).toMatch(/not set up. To mend it: npx infinite-former setup/);
  });

  const nowhere = "INFINITE_FORMER_LIBTENSORFLOW names an empty folder: a notice, and wasm";
  trial({ number: 24, fault: nowhere, on: "wasm" }, async () => {
    const env = { INFINITE_FORMER_LIBTENSORFLOW: folder };
    const { code, stderr } = await trained("nowhere", "auto", env);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^backend: wasm .*where there is no \S+ with its headers.*to mend that: let INF/m);
  });

  const skip = !testBackends().includes("tensorflow") && "native TensorFlow is not tested here";
  const damaged = "its addon is damaged: a notice with what to remove, and wasm";
  trial({ number: 24, fault: damaged, on: "wasm", skip }, async () => {
    const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
    const real = join(cache, "infinite-former/native");
    const native = join(folder, "cache/infinite-former/native");
    await mkdir(native, { recursive: true });
    await symlink(join(real, "libraries"), join(native, "libraries"));
    await cp(join(real, "selected.json"), join(native, "selected.json"));
    for (const name of await readdir(join(real, "addons"))) {
      await mkdir(join(native, "addons", name), { recursive: true });
      for (const file of await readdir(join(real, "addons", name)).catch(() => [])) {
        await writeFile(join(native, "addons", name, file), "damaged");
      }
    }
    const { code, stderr } = await trained("damaged", "auto", { XDG_CACHE_HOME: join(folder, "cache") });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^backend: wasm .*its addon does not load: .*to mend that: remove \S+, then npx infinite-former setup$/m,
    );
  });
});

describe("the wasm backend", () => {
  const preload = new URL("./without-wasm.mjs", import.meta.url).href;
  const faults = [
    ["missing", {}, /its \.wasm file cannot be used: .*ENOENT/],
    ["cut off", { WASM_BYTES: "1000" }, /its \.wasm file cannot be used: /],
  ] as const;
  const fault = "its .wasm file is missing, and cut off: a named error, and with auto the cpu backend";
  trial({ number: 24, fault, times: faults.length, on: "wasm, cpu" }, async () => {
    for (const [what, more, said] of faults) {
      const env = { NODE_OPTIONS: `--import ${preload}`, ...more };
      const named = await trained(`${what} named`, "wasm", env);
      expect(named.code, named.stderr).toBe(1);
      expect(named.stderr).toMatch(said);
      expect(named.stderr).toMatch(/To mend it: install @tensorflow\/tfjs-backend-wasm anew$/m);
      expect(named.stderr.trim().split("\n")).toHaveLength(1);
      const auto = await trained(`${what} auto`, "auto", { ...env, INFINITE_FORMER_NATIVE: "0" });
      expect(auto.code, auto.stderr).toBe(0);
      expect(auto.stderr).toMatch(/^backend: cpu .*wasm is not available: its \.wasm file cannot be used/m);
    }
  });

  trial({ number: 24, fault: "a kernel missing on wasm: that of cpu stands in", on: "wasm" }, async () => {
    const run = (name: string, backend: string): string[] => [
      ...["train", "--out", join(folder, name)],
      ...smallRun(text).slice(2),
      ...["--backend", backend],
    ];
    expect((await cli(run("kernel-whole", "wasm"))).code).toBe(0);
    await withoutExp("wasm", async (taken) => {
      const { code, stderr } = await cli(run("kernel-borrowed", "wasm"));
      expect(code, stderr).toBe(0);
      expect(tf.getKernel("Exp", "wasm").kernelFunc).not.toBe(taken.kernelFunc);
    });
    const [want, got] = await Promise.all(
      ["kernel-whole", "kernel-borrowed"].map(async (name) => lossStream(join(folder, name))),
    );
    (want as { loss: number }[]).forEach(({ loss }, i) => {
      expect(Math.abs(loss - (got as { loss: number }[])[i]!.loss)).toBeLessThan(1e-5);
    });
  });

  const lacking = "a kernel missing on cpu, which nothing stands in for: a named error";
  trial({ number: 24, fault: lacking, on: "cpu" }, async () => {
    expect((await cli(oneStep("kernel-there", "cpu"))).code).toBe(0);
    await withoutExp("cpu", async () => {
      const { code, stderr } = await cli(oneStep("kernel-missing", "cpu"));
      expect(code, stderr).toBe(1);
      expect(stderr).toContain("infinite-former: the backend cpu has no kernel Exp, which this needs");
      expect(stderr).toContain("give another --backend (infinite-former doctor lists them)");
    });
  });
});
