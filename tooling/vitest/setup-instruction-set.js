import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, expect } from "vitest";

const wanted = process.env["INFINITE_FORMER_TEST_INSTRUCTION_SET"];

// Skips what this processor cannot run, and fails where another set than the named one would run.
beforeEach(({ skip }) => {
  const { binding } = /** @type {any} */ (tf.backend());
  if (binding.isUsingGpuDevice()) skip("our kernels are not registered where a GPU computes");
  if (wanted === "avx2" && binding.instructionSet === "baseline") skip("this processor has no AVX2");
  expect(binding.instructionSet, "instruction set of our kernels").toBe(wanted);
});
