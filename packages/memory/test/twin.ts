import * as tf from "@tensorflow/tfjs-core";

/** What `run` gives without a kernel, which its plain twin then stands in for. */
export function twin<T>(name: string, run: () => T): T {
  const kernel = tf.getKernel(name, "tensorflow") as tf.KernelConfig;
  tf.unregisterKernel(name, "tensorflow");
  try {
    return run();
  } finally {
    tf.registerKernel(kernel);
  }
}
