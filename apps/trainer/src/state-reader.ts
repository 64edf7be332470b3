import type { UsageError } from "@infinite-former/command-line";
import type { SafetensorsFile } from "@infinite-former/safetensors";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Reads the tensors of a state from a file, one by one, none of them trusted. */
export interface StateReader {
  /** The tensor of a path: it must be there in this shape, with finite numbers that all fit; else zeros, and a fault. */
  read<T extends tf.Tensor>(path: string, shape: readonly number[], fits?: (value: number) => boolean): T;
  /** Rows of several layers, `NAME.0` and on, 1 to `most` of them in each; none where the file has none. */
  rowsOf(name: string, layers: number, modelSize: number, most: number, ending?: string): tf.Tensor3D[];
  /** How many rows the first tensor there of some paths has along an axis, 1 to `most`; 0 where there is none of them. */
  rowCount(paths: readonly string[], axis: number, most: number): number;
  readonly isCount: (value: number) => boolean;
}

/** Faults of a file that are listed. */
const listed = 100;

/**
 * Reads a state with `build`.
 *
 * @param fault makes the error for what is wrong.
 * @returns what `build` returns, its tensors owned by the caller.
 * @throws what `fault` makes, naming every tensor at fault, those that were
 *   not asked for among them. No tensors are left behind.
 */
export function readTensors<S>(
  file: SafetensorsFile,
  fault: (message: string) => UsageError,
  build: (reader: StateReader) => S,
): S {
  const made = new Map<string, tf.Tensor>();
  const faults = new Map<string, string>(); // the first of each path
  const note = (path: string, message: string): void => {
    if (!faults.has(path)) faults.set(path, message);
  };
  const read: StateReader["read"] = <T extends tf.Tensor>(
    path: string,
    shape: readonly number[],
    fits: (value: number) => boolean = Number.isFinite,
  ): T => {
    const message = tensorFault(file, path, shape, fits);
    if (message !== null) note(path, message);
    // In place of one at fault stand zeros, so that all the others are looked at too.
    const tensor =
      message === null
        ? tf.tensor(Float32Array.from(file.tensors.get(path)?.data as Float32Array), [...shape])
        : tf.zeros([...shape]);
    made.set(path, tensor);
    return tensor as T;
  };
  const rowCount: StateReader["rowCount"] = (paths, axis, most) => {
    const path = paths.find((one) => file.tensors.has(one));
    if (path === undefined) return 0;
    const rows = file.tensors.get(path)?.shape[axis] ?? 0;
    if (rows >= 1 && rows <= most) return rows;
    note(path, `${path} must have 1 to ${most} rows, got ${rows}`);
    return Math.max(1, Math.min(rows, most));
  };
  const rowsOf: StateReader["rowsOf"] = (name, layers, modelSize, most, ending = "") => {
    const paths = Array.from({ length: layers }, (_, layer) => `${name}.${layer}${ending}`);
    const rows = rowCount(paths, 1, most);
    return rows === 0 ? [] : paths.map((path) => read<tf.Tensor3D>(path, [1, rows, modelSize]));
  };
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
  try {
    const state = build({ read, rowsOf, rowCount, isCount });
    for (const path of file.tensors.keys()) {
      if (!made.has(path)) note(path, `has ${path}, which this model does not know`);
    }
    if (faults.size > 0) {
      const shown = [...faults.values()].slice(0, listed);
      const more = faults.size > listed ? [`and ${faults.size - listed} more`] : [];
      throw fault([...shown, ...more].join("; "));
    }
    return state;
  } catch (error) {
    disposeTree([...made.values()]);
    throw error;
  }
}

/** What is wrong with the tensor of a path, `null` where nothing is. */
function tensorFault(
  file: SafetensorsFile,
  path: string,
  shape: readonly number[],
  fits: (value: number) => boolean,
): string | null {
  const found = file.tensors.get(path);
  if (found === undefined) return `has no ${path}`;
  if (found.dtype !== "F32" || found.shape.join() !== shape.join()) {
    return `${path} must be F32 [${shape.join(", ")}], got ${found.dtype} [${found.shape.join(", ")}]`;
  }
  const data = found.data as Float32Array;
  if (!data.every(Number.isFinite)) return `${path} holds a number that is not finite`;
  const wrong = data.find((value) => !fits(value));
  return wrong === undefined ? null : `${path} holds ${wrong}, which no memory holds there`;
}
