import type { UsageError } from "@infinite-former/command-line";
import type { SafetensorsFile } from "@infinite-former/safetensors";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Reads the tensors of a state from a file, one by one, none of them trusted. */
export interface StateReader {
  /** The tensor of a path: it must be there in this shape, with finite numbers that all fit. */
  read<T extends tf.Tensor>(path: string, shape: readonly number[], fits?: (value: number) => boolean): T;
  /** Rows of several layers, `NAME.0` and on, 1 to `most` of them in each; none where the file has none. */
  rowsOf(name: string, layers: number, modelSize: number, most: number, ending?: string): tf.Tensor3D[];
  /** How many rows the tensor of a path has along an axis, 1 to `most`; 0 where there is no such tensor. */
  rowCount(path: string, axis: number, most: number): number;
  readonly isCount: (value: number) => boolean;
}

/**
 * Reads a state with `build`.
 *
 * @param fault makes the error for what is wrong.
 * @returns what `build` returns, its tensors owned by the caller.
 * @throws what `fault` makes, naming the tensor; also where the file has a
 *   tensor that was not asked for. No tensors are left behind.
 */
export function readTensors<S>(
  file: SafetensorsFile,
  fault: (message: string) => UsageError,
  build: (reader: StateReader) => S,
): S {
  const made = new Map<string, tf.Tensor>();
  const read: StateReader["read"] = <T extends tf.Tensor>(
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
  const rowCount: StateReader["rowCount"] = (path, axis, most) => {
    const found = file.tensors.get(path);
    if (found === undefined) return 0;
    const rows = found.shape[axis] ?? 0;
    if (rows < 1 || rows > most) throw fault(`${path} must have 1 to ${most} rows, got ${rows}`);
    return rows;
  };
  const rowsOf: StateReader["rowsOf"] = (name, layers, modelSize, most, ending = "") => {
    const rows = rowCount(`${name}.0${ending}`, 1, most);
    if (rows === 0) return [];
    return Array.from({ length: layers }, (_, layer) =>
      read<tf.Tensor3D>(`${name}.${layer}${ending}`, [1, rows, modelSize]),
    );
  };
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
  try {
    const state = build({ read, rowsOf, rowCount, isCount });
    const foreign = [...file.tensors.keys()].find((path) => !made.has(path));
    if (foreign !== undefined) throw fault(`has ${foreign}, which this model does not know`);
    return state;
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
