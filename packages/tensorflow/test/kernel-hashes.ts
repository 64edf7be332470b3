// Prints a digest of the results of every kernel of our own, and the instruction set that gave them, as JSON.
import { createHash, type Hash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { loadTensorflow, nativeBinding } from "../src/load.js";
import { ownKernelOperands, runOwnKernels } from "./own-kernels.js";

const { name: backend } = await loadTensorflow();
await tf.setBackend(backend);

// Several times: threads that get into each other's way do not do so each time.
const digests = new Map<string, Hash>();
const operands = ownKernelOperands();
for (let time = 0; time < 8; time++) {
  const results = runOwnKernels(operands);
  for (const [name, outputs] of Object.entries(results)) {
    const digest = digests.get(name) ?? createHash("sha256");
    for (const output of outputs) digest.update(new Uint8Array(output.dataSync().slice().buffer));
    digests.set(name, digest);
  }
  tf.dispose(results);
}
const hashes = Object.fromEntries([...digests].map(([name, digest]) => [name, digest.digest("hex")]));
const kernels = tf
  .getKernelsForBackend(backend)
  .map(({ kernelName }) => kernelName)
  .filter((name) => name.startsWith("InfiniteFormer"));
const { instructionSet } = nativeBinding();
process.stdout.write(JSON.stringify({ instructionSet, kernels, hashes }));
