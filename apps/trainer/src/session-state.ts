import type { UsageError } from "@infinite-former/command-line";
import type { SafetensorsFile } from "@infinite-former/safetensors";
import { disposeTree } from "@infinite-former/tensor";
import {
  hasLongTerm,
  recentCapacity,
  type TransformerConfig,
  type TransformerState,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The state of one stream from the tensors of a file, each under its path in
 * the state's tree. Every tensor must be there, fit the model and hold numbers
 * that a state can hold, and nothing else may be there.
 *
 * @param fault makes the error for what is wrong.
 * @returns a state of batch 1, owned by the caller.
 * @throws what `fault` makes, naming the tensor; no tensors are left behind.
 */
export function readState(
  file: SafetensorsFile,
  config: TransformerConfig,
  fault: (message: string) => UsageError,
): TransformerState {
  const made = new Map<string, tf.Tensor>();
  const read = <T extends tf.Tensor>(
    path: string,
    shape: readonly number[],
    fits: (value: number) => boolean = Number.isFinite,
  ): T => {
    const data = numbersOf(file, path, shape, fault);
    if (!data.every(Number.isFinite)) throw fault(`${path} holds a number that is not finite`);
    const wrong = data.find((value) => !fits(value));
    if (wrong !== undefined) throw fault(`${path} holds ${wrong}, which no memory holds there`);
    const tensor = tf.tensor(data, [...shape]) as T;
    made.set(path, tensor);
    return tensor;
  };
  const rowsOf = (kind: "recent" | "current", most: number): tf.Tensor3D[] => {
    if (!file.tensors.has(`${kind}.0`)) return [];
    const rows = file.tensors.get(`${kind}.0`)?.shape[1] ?? 0;
    if (rows < 1 || rows > most) throw fault(`${kind}.0 must have 1 to ${most} rows, got ${rows}`);
    return Array.from({ length: config.layers }, (_, layer) =>
      read<tf.Tensor3D>(`${kind}.${layer}`, [1, rows, config.modelSize]),
    );
  };
  const count = (value: number): boolean => Number.isInteger(value) && value >= 0;
  try {
    const recent = rowsOf("recent", recentCapacity(config));
    const current = rowsOf("current", config.segmentLength - 1);
    const rows = recent[0]?.shape[1] ?? 0;
    const filled = read<tf.Tensor1D>("filled", [1], (value) => count(value) && value <= rows);
    const longTerm = !hasLongTerm(config)
      ? []
      : Array.from({ length: config.layers }, (_, layer) => {
          const at = (name: string): string => `longTerm.${layer}.${name}`;
          const { basisCount, sampling, stickyBins } = config.longTerm;
          const memory = {
            coefficients: read<tf.Tensor3D>(at("coefficients"), [1, basisCount, config.modelSize]),
            segments: read<tf.Tensor1D>(at("segments"), [1], count),
          };
          if (sampling === "uniform") return memory;
          return {
            ...memory,
            attended: read<tf.Tensor2D>(at("attended"), [1, stickyBins], (mass) => mass >= 0),
          };
        });
    const foreign = [...file.tensors.keys()].find((path) => !made.has(path));
    if (foreign !== undefined) throw fault(`has ${foreign}, which this model does not know`);
    return { recent, current, filled, longTerm };
  } catch (error) {
    disposeTree([...made.values()]);
    throw error;
  }
}

function numbersOf(
  file: SafetensorsFile,
  path: string,
  shape: readonly number[],
  fault: (message: string) => UsageError,
): Float32Array {
  const found = file.tensors.get(path);
  if (found === undefined) throw fault(`has no ${path}`);
  if (found.dtype !== "F32" || found.shape.join() !== shape.join()) {
    const got = `${found.dtype} [${found.shape.join(", ")}]`;
    throw fault(`${path} must be F32 [${shape.join(", ")}], got ${got}`);
  }
  return Float32Array.from(found.data as Float32Array);
}
