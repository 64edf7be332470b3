import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "@infinite-former/safetensors";
import { leaves, unflatten } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { CheckpointError, NonFiniteError } from "./errors.js";

/** Faults of a file that are listed. */
const listed = 100;

const dtypes: Readonly<Record<string, "F32" | "I32" | "BOOL">> = {
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
};

/**
 * A tree of tensors as a safetensors file, each tensor under its tree path.
 * All reads are started before the first is awaited.
 *
 * @param name of the tree, for errors.
 * @throws {NonFiniteError} `ERR_NON_FINITE` naming a tensor that holds NaN or
 *   infinity: it must not take the place of a good one.
 * @throws {CheckpointError} `ERR_CHECKPOINT` for a dtype other than float32, int32, bool.
 */
export async function encodeTree(tree: object, name: string): Promise<Uint8Array> {
  const reads = leaves(tree).map(async ({ path, tensor }): Promise<[string, SafetensorsTensor]> => {
    const dtype = dtypes[tensor.dtype];
    if (!dtype) {
      throw new CheckpointError(
        `encodeTree: ${name}.${path} must be float32, int32 or bool, got ${tensor.dtype}`,
        { tensor: path },
      );
    }
    const data = await tensor.data();
    if (dtype === "F32") assertFinite(data as Float32Array, `${name}.${path}`);
    return [path, { dtype, shape: tensor.shape, data } as SafetensorsTensor];
  });
  return encodeSafetensors(await Promise.all(reads));
}

function assertFinite(data: Float32Array, path: string): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new NonFiniteError(`saveCheckpoint: ${path} must be finite, got ${data[index]} at ${index}`, path);
}

/**
 * A tree of tensors from a safetensors file.
 *
 * @param like tree with the paths, shapes and dtypes that the file must have; only those are read.
 * @param file named in errors.
 * @returns a tree of the form of `like`, owned by the caller.
 * @throws {CheckpointError} `ERR_CHECKPOINT` naming the file and every tensor
 *   that is missing, left over, or of another shape or dtype, or one that holds NaN or infinity.
 */
export function decodeTree<T extends object>(bytes: Uint8Array, like: T, file: string): T {
  const { tensors } = decode(bytes, file);
  const wanted = leaves(like);
  const text = (dtype: string | undefined, shape: readonly number[]) => `${dtype} [${shape.join(", ")}]`;
  const faults = wanted.flatMap(({ path, tensor }) => {
    const want = text(dtypes[tensor.dtype], tensor.shape);
    const found = tensors.get(path);
    if (!found) return [{ path, fault: `has no ${path} ${want}` }];
    const got = text(found.dtype, found.shape);
    return got === want ? [] : [{ path, fault: `must have ${path} as ${want}, got ${got}` }];
  });
  const names = new Set(wanted.map(({ path }) => path));
  for (const path of tensors.keys()) {
    if (!names.has(path)) faults.push({ path, fault: `has ${path}, which the model lacks` });
  }
  if (faults.length > 0) {
    const shown = faults.slice(0, listed).map(({ fault }) => fault);
    const more = faults.length > shown.length ? `; and ${faults.length - shown.length} more` : "";
    throw new CheckpointError(
      `loadCheckpoint: ${file} ${shown.join("; ")}${more}: it belongs to another configuration`,
      { file, tensor: faults[0]!.path },
    );
  }
  for (const { path } of wanted) assertFiniteTensor(tensors.get(path)!, path, file);
  return unflatten(
    like,
    wanted.map(({ path, tensor }) => {
      return tf.tensor(tensors.get(path)!.data as Float32Array, tensor.shape, tensor.dtype);
    }),
  );
}

/** `saveCheckpoint` writes no such number: the file was made or altered by something else. */
function assertFiniteTensor({ dtype, data }: SafetensorsTensor, tensor: string, file: string): void {
  if (dtype !== "F32") return;
  const index = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new CheckpointError(
    `loadCheckpoint: ${file} must hold finite numbers, got ${data[index]} at ${index} of ${tensor}`,
    { file, tensor },
  );
}

function decode(bytes: Uint8Array, file: string): SafetensorsFile {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    const problem = (error as Error).message.replace(/^safetensors: /, "");
    throw new CheckpointError(`loadCheckpoint: ${file} ${problem}`, { file, cause: error });
  }
}
