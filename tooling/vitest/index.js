import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { kernelTests } from "./kernel-tests.js";
import { ResultsReporter } from "./results-reporter.js";

const conditions = ["@infinite-former/source", "module", "node", "import", "default"];
const setup = fileURLToPath(new URL("./setup-backend.js", import.meta.url));
const instructionSetSetup = fileURLToPath(new URL("./setup-instruction-set.js", import.meta.url));
// The setup file stands here, what it sets up in the workspace: aliases spare
// dependencies that would close a cycle in the workspace's graph.
const alias = {
  "@infinite-former/tensor": fileURLToPath(new URL("../../packages/tensor/src/index.ts", import.meta.url)),
  "@infinite-former/backend": fileURLToPath(new URL("../../packages/backend/src/index.ts", import.meta.url)),
};

// Faults that take minutes: `pnpm test:faults` alone runs them, and nothing else.
const faults = Boolean(process.env["INFINITE_FORMER_TEST_FAULTS"]);
const common = {
  include: faults ? ["test/**/*.faults.ts"] : ["src/**/*.test.ts", "test/**/*.test.ts", "*.test.ts"],
  passWithNoTests: faults,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  pool: "forks",
};

const reporters = {
  reporters: ["default", new ResultsReporter()],
  maxWorkers: 2,
};

/** @returns a configuration for packages that never touch a TensorFlow.js backend. */
export function plainPackage(test = {}) {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { ...common, ...reporters, ...test },
  });
}

/** The backends on which the tests of a tensor package run: one vitest project each. */
export function testBackends() {
  const only = process.env["INFINITE_FORMER_TEST_BACKENDS"];
  if (only) return only.split(",");
  return process.env["INFINITE_FORMER_NATIVE"] === "0" ? ["cpu", "wasm"] : ["cpu", "wasm", "tensorflow"];
}

/**
 * Instruction sets that our kernels are compiled for, below the widest: what
 * ONEDNN_MAX_CPU_ISA must say for each, see kernels/choose.h of packages/tensorflow.
 */
const narrowerSets = { avx2: "AVX2", baseline: "SSE41" };

/**
 * Projects for the tests of kernels of our own with narrower vectors than the
 * project `tensorflow` has: `tensorflow-avx2` and `tensorflow-baseline`.
 */
function instructionSetProjects(backends, folder) {
  if (faults) return [];
  const files = backends.includes("tensorflow") ? kernelTests(folder).map(({ file }) => file) : [];
  if (files.length === 0) return [];
  return Object.entries(narrowerSets).map(([set, limit]) => ({
    name: `tensorflow-${set}`,
    include: files,
    env: {
      INFINITE_FORMER_BACKEND: "tensorflow",
      INFINITE_FORMER_TEST_INSTRUCTION_SET: set,
      ONEDNN_MAX_CPU_ISA: limit,
    },
    setupFiles: [setup, instructionSetSetup],
  }));
}

/**
 * @param {string} folder of the package
 * @param {object} [test] what differs from other packages
 * @returns a configuration that runs every test once on each TensorFlow.js backend, and those of our kernels for each instruction set.
 */
export function tensorPackage(folder, test = {}) {
  const backends = testBackends();
  const projects = [
    ...backends.map((backend) => ({
      name: backend,
      env: { INFINITE_FORMER_BACKEND: backend },
      setupFiles: [setup],
    })),
    ...instructionSetProjects(backends, folder),
  ];
  return defineConfig({
    test: {
      ...reporters,
      projects: projects.map((project) => ({
        resolve: { conditions, alias },
        ssr: { resolve: { conditions } },
        test: { ...common, ...test, ...project },
      })),
    },
  });
}
