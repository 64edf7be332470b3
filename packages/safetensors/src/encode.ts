import { byteCount, bytesOf, holdsDtype, type SafetensorsTensor } from "./dtype.js";
import { assertLittleEndian } from "./endian.js";
import { planLayout, type SafetensorsSpec, wrongTensor } from "./layout.js";
import type { SafetensorsLimits } from "./limits.js";

/**
 * A file's bytes. Header and data are laid out so that every tensor is aligned:
 * wide dtypes come first, the header is padded with spaces to a multiple of 8.
 *
 * @param tensors names and tensors; the header keeps their order. Borrowed.
 * @param metadata strings kept under `__metadata__`
 * @param limits the reader's: what is above them is refused here already
 * @returns the whole file, owned by the caller
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if a name comes twice or is
 *   `__metadata__`, or a tensor's dtype, shape and data do not agree.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): Uint8Array<ArrayBuffer> {
  const { pieces, byteLength } = piecesOf(tensors, metadata, limits);
  const out = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** What {@link encodeSafetensors} writes, piece by piece and without a copy of the data. */
export function piecesOf(
  tensors: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): { readonly pieces: readonly Uint8Array[]; readonly byteLength: number } {
  assertLittleEndian();
  const entries = [...tensors];
  const { head, places, fileBytes } = planLayout(entries, metadata, limits);
  const byName = new Map(entries);
  const data = places.map(([name, place]) =>
    checkedBytes(name, place, byName.get(name) as SafetensorsTensor),
  );
  return { pieces: [head, ...data], byteLength: fileBytes };
}

/**
 * The bytes of a tensor, borrowed, if it is what was announced.
 *
 * @throws {SafetensorsError} `ERR_SAFETENSORS`
 */
export function checkedBytes(name: string, spec: SafetensorsSpec, tensor: SafetensorsTensor): Uint8Array {
  const { dtype, shape } = spec;
  if (tensor.dtype !== dtype || String(tensor.shape) !== String(shape)) {
    throw wrongTensor(name, `must be ${dtype} [${shape}] as announced`, `${tensor.dtype} [${tensor.shape}]`);
  }
  if (!holdsDtype(tensor.data, dtype)) {
    throw wrongTensor(name, `must have the array of ${dtype}`, Object.prototype.toString.call(tensor.data));
  }
  const bytes = byteCount(dtype, shape);
  if (tensor.data.byteLength !== bytes) {
    throw wrongTensor(
      name,
      `must have the ${bytes} bytes of ${dtype} [${shape}]`,
      `${tensor.data.byteLength}`,
    );
  }
  return bytesOf(tensor);
}
