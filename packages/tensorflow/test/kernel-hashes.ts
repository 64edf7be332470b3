// Prints a digest of the results of every kernel of our own, and the instruction set that gave them, as JSON.
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { loadTensorflow, nativeBinding } from "../src/load.js";
import { ownKernelOperands, runOwnKernels } from "./own-kernels.js";

const { name: backend } = await loadTensorflow();
await tf.setBackend(backend);

const hashes: Record<string, string> = {};
for (const [name, outputs] of Object.entries(runOwnKernels(ownKernelOperands()))) {
  const hash = createHash("sha256");
  for (const output of outputs) hash.update(new Uint8Array(output.dataSync().slice().buffer));
  hashes[name] = hash.digest("hex").slice(0, 16);
}
const kernels = tf
  .getKernelsForBackend(backend)
  .map(({ kernelName }) => kernelName)
  .filter((name) => name.startsWith("InfiniteFormer"));
const { instructionSet } = nativeBinding();
process.stdout.write(JSON.stringify({ instructionSet, kernels, hashes }));
