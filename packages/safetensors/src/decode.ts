import { type SafetensorsTensor, tensorOver } from "./dtype.js";
import { assertLittleEndian } from "./endian.js";
import { PREFIX_BYTES, parseHeader, readHeaderSize, type SafetensorsHeader } from "./header.js";
import type { SafetensorsLimits } from "./limits.js";

/** The tensors and the metadata of a file. */
export interface SafetensorsFile {
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  /** The strings under `__metadata__`; without a prototype, so that any key is safe. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads and checks the header of a whole file in memory, without touching its data.
 *
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the format.
 */
export function readHeader(bytes: Uint8Array, limits?: SafetensorsLimits): SafetensorsHeader {
  const size = readHeaderSize(bytes, bytes.length, limits);
  return parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + size), bytes.length, limits);
}

/**
 * Every tensor of a file in memory. The bytes may come from anywhere: whatever
 * they are, the result is a checked file or a `SafetensorsError`.
 *
 * @param bytes the whole file. Tensors are views into it where it is aligned for
 *   their dtype, copies elsewhere: do not write to it afterwards.
 * @param limits bounds on header size, tensors and axes
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the format.
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export function decodeSafetensors(bytes: Uint8Array, limits?: SafetensorsLimits): SafetensorsFile {
  assertLittleEndian();
  const header = readHeader(bytes, limits);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, begin, end }] of header.tensors) {
    tensors.set(name, tensorOver(dtype, shape, bytes, begin, end));
  }
  return { tensors, metadata: header.metadata };
}
