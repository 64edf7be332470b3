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
  /**
   * Inputs in order; `?` marks those that may be left out: an empty tensor then stands for them, an
   * int32 one where the mark is `?i`. `"list"`: any number of tensors, given as an array.
   */
  readonly inputs: readonly string[] | "list";
  readonly attributes?: Readonly<Record<string, "FLOAT" | "INT">>;
  readonly outputs: number;
}

const activation = ["x", "bias?", "seed?i"];
const readOut = ["mean", "variance", "values", "centers", "widths"];
const attention = [
  "queries",
  "keysAndValues",
  "positions?",
  "contentBias?",
  "positionBias?",
  "first?",
  "seed?i",
];

/** What native/kernels registers, see register.h there. */
const nativeKernels: readonly NativeKernel[] = [
  {
    name: "InfiniteFormerAttention",
    inputs: attention,
    attributes: { scale: "FLOAT", rate: "FLOAT", keep: "FLOAT" },
    outputs: 2,
  },
  {
    name: "InfiniteFormerAttentionGrad",
    inputs: [...attention, "context", "logSums", "cotangent"],
    attributes: { scale: "FLOAT", rate: "FLOAT", keep: "FLOAT" },
    outputs: 5,
  },
  {
    name: "InfiniteFormerLayerNorm",
    inputs: ["x", "gain", "bias", "second?", "third?"],
    attributes: { epsilon: "FLOAT" },
    outputs: 3,
  },
  {
    name: "InfiniteFormerLayerNormGrad",
    inputs: ["x", "gain", "bias", "statistics", "cotangent"],
    outputs: 3,
  },
  {
    name: "InfiniteFormerActivation",
    inputs: activation,
    attributes: { kind: "INT", rate: "FLOAT", scale: "FLOAT" },
    outputs: 1,
  },
  {
    name: "InfiniteFormerActivationGrad",
    inputs: [...activation, "cotangent"],
    attributes: { kind: "INT", rate: "FLOAT", scale: "FLOAT" },
    outputs: 2,
  },
  {
    name: "InfiniteFormerRowLinear",
    inputs: ["x", "kernel", "bias?", "residual?"],
    attributes: { kind: "INT", transposed: "INT" },
    outputs: 1,
  },
  {
    name: "InfiniteFormerAdamW",
    inputs: ["parameter", "gradient", "first", "second", "scalars"],
    attributes: { beta1: "FLOAT", beta2: "FLOAT", rest1: "FLOAT", rest2: "FLOAT", epsilon: "FLOAT" },
    outputs: 3,
  },
  { name: "InfiniteFormerGlobalNorm", inputs: "list", outputs: 1 },
  {
    name: "InfiniteFormerScatterRows",
    inputs: ["rows", "ids"],
    attributes: { vocabulary: "INT" },
    outputs: 1,
  },
  { name: "InfiniteFormerReadOut", inputs: readOut, outputs: 1 },
  { name: "InfiniteFormerReadOutGrad", inputs: [...readOut, "cotangent"], outputs: 3 },
  {
    name: "InfiniteFormerRingAttention",
    inputs: [
      ...["projected", "keys", "values", "slot", "reach", "distances?", "contentBias?", "positionBias?"],
      ...["olderKeys?", "olderValues?", "older?i", "origin?i"],
    ],
    attributes: { scale: "FLOAT" },
    outputs: 3,
  },
  { name: "InfiniteFormerWriteRing", inputs: ["ring", "rows", "slot"], outputs: 1 },
  {
    name: "InfiniteFormerDensityReading",
    inputs: ["queries", "directions", "bias?", "values", "centers", "widths"],
    attributes: { scale: "FLOAT", floor: "FLOAT" },
    outputs: 3,
  },
  {
    name: "InfiniteFormerAttentionMass",
    inputs: ["mean", "variance", "edges", "weights?"],
    attributes: { parabola: "INT" },
    outputs: 1,
  },
  {
    name: "InfiniteFormerDrawPositions",
    inputs: ["attended", "draws", "even"],
    attributes: { within: "INT" },
    outputs: 1,
  },
  {
    name: "InfiniteFormerResample",
    inputs: ["coefficients", "positions", "fit", "centers", "widths"],
    outputs: 1,
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
      const given =
        names === "list"
          ? (Object.values(inputs) as tf.TensorInfo[])
          : names.map((key) => {
              const [argument = key, none] = key.split("?");
              const input = inputs[argument];
              if (input) return input as tf.TensorInfo;
              if (none === undefined) throw new TypeError(`${name}: ${key} must be a tensor, got ${input}`);
              empty.push(tf.tensor1d([], none === "i" ? "int32" : "float32"));
              return empty.at(-1) as tf.Tensor;
            });
      const list: object[] = Object.entries(attributes).map(([key, kind]) => ({
        name: key,
        type: native.binding[`TF_ATTR_${kind}`],
        value: (attrs as Record<string, unknown>)[key],
      }));
      if (names === "list")
        list.push({ name: "N", type: native.binding["TF_ATTR_INT"], value: given.length });
      try {
        return native.executeMultipleOutputs(name, list, given, outputs);
      } finally {
        tf.dispose(empty);
      }
    },
  };
}
