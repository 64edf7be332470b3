import * as tf from "@tensorflow/tfjs-core";

/** The part of the backend's class that its kernels call. */
interface KernelBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeMultipleOutputs(
    op: string,
    attributes: object[],
    inputs: readonly tf.TensorInfo[],
    count: number,
  ): tf.Tensor[];
}

/** An operation of the addon's own C++ as a kernel of TensorFlow.js. */
interface NativeKernel {
  /** The same for TensorFlow and TensorFlow.js. */
  readonly name: string;
  /** Inputs in order; `?` marks those that may be left out: an empty tensor then stands for them. */
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, "FLOAT" | "INT" | "BOOL">>;
  readonly outputs: number;
}

const attention = ["queries", "keysAndValues", "positions?", "contentBias?", "positionBias?", "first?"];

/** What native/kernels registers, see register.h there. */
const nativeKernels: readonly NativeKernel[] = [
  { name: "InfiniteFormerAttention", inputs: attention, attributes: { scale: "FLOAT" }, outputs: 2 },
  {
    name: "InfiniteFormerAttentionGrad",
    inputs: [...attention, "context", "logSums", "cotangent"],
    attributes: { scale: "FLOAT" },
    outputs: 5,
  },
];

/**
 * Registers the kernels of the addon's own C++ for the backend "tensorflow".
 * They exist for the processor only: nothing is registered where a GPU computes.
 */
export function registerNativeKernels(): void {
  for (const kernel of nativeKernels) {
    if (!tf.getKernel(kernel.name, "tensorflow")) tf.registerKernel(configOf(kernel));
  }
}

function configOf({ name, inputs: names, attributes = {}, outputs }: NativeKernel): tf.KernelConfig {
  return {
    kernelName: name,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const native = backend as unknown as KernelBackend;
      const empty: tf.Tensor[] = [];
      const given = names.map((key) => {
        const input = inputs[key.replace("?", "")];
        if (input) return input as tf.TensorInfo;
        if (!key.endsWith("?")) throw new TypeError(`${name}: ${key} must be a tensor, got ${input}`);
        const none = tf.tensor1d([], "float32");
        empty.push(none);
        return none;
      });
      const list = Object.entries(attributes).map(([key, kind]) => ({
        name: key,
        type: native.binding[`TF_ATTR_${kind}`],
        value: (attrs as Record<string, unknown>)[key],
      }));
      try {
        return native.executeMultipleOutputs(name, list, given, outputs);
      } finally {
        tf.dispose(empty);
      }
    },
  };
}
