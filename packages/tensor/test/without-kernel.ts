import * as tf from "@tensorflow/tfjs-core";

/** Runs a function as on a backend that lacks a kernel: the composed twin, on the backend that has both. */
export function withoutKernel<R>(name: string, run: () => R): R {
  const kernel = tf.getKernel(name, tf.getBackend()) as tf.KernelConfig;
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  try {
    return run();
  } finally {
    tf.registerKernel(kernel);
  }
}
