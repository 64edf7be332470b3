import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { SafetensorsTensor } from "./dtype.js";
import { encodeSafetensors } from "./encode.js";
import { PREFIX_BYTES, readHeaderSize } from "./header.js";
import type { SafetensorsLimits } from "./limits.js";
import { SafetensorsError } from "./safetensors-error.js";

/** The metadata key whose value is the checksum. */
const key = "sha256";
/** What stands in the checksum's place while it is computed. */
const blank = "0".repeat(64);

/**
 * A file with a checksum of itself: under the metadata key `sha256` stands the
 * SHA-256 of all its bytes, taken with 64 zeros in the checksum's place. Any
 * reader of safetensors can read it; {@link assertSealed} finds every changed byte.
 *
 * @param metadata strings kept under `__metadata__`, without `sha256`
 * @returns the whole file, owned by the caller
 * @throws {SafetensorsError} `ERR_SAFETENSORS` as {@link encodeSafetensors} does
 */
export function encodeSealed(
  tensors: Iterable<readonly [string, SafetensorsTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const bytes = encodeSafetensors(tensors, { ...metadata, [key]: blank });
  bytes.set(new TextEncoder().encode(checksum(bytes)), sealPosition(bytes));
  return bytes;
}

/**
 * Checks a file that {@link encodeSealed} made: not a byte of it has changed.
 *
 * @param bytes the whole file. Only its size field is read as such, so the
 *   check may come before or after decoding.
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if there is no checksum, or it is not that of the bytes
 */
export function assertSealed(bytes: Uint8Array, limits?: SafetensorsLimits): void {
  const at = sealPosition(bytes, limits);
  const stated = latin1(bytes.subarray(at, at + blank.length));
  const found = checksum(bytes, limits);
  if (stated !== found) {
    throw new SafetensorsError(
      `safetensors: file must match its checksum sha256 ${stated}, got ${found}: it is damaged or was altered`,
    );
  }
}

function checksum(bytes: Uint8Array, limits?: SafetensorsLimits): string {
  const at = sealPosition(bytes, limits);
  const hash = sha256.create().update(bytes.subarray(0, at)).update(new TextEncoder().encode(blank));
  return bytesToHex(hash.update(bytes.subarray(at + blank.length)).digest());
}

/** Where the checksum's text begins. A quote inside a JSON string is escaped, so that this key is found nowhere else. */
function sealPosition(bytes: Uint8Array, limits?: SafetensorsLimits): number {
  const header = bytes.subarray(0, PREFIX_BYTES + readHeaderSize(bytes, bytes.length, limits));
  const sign = `"${key}":"`;
  const found = latin1(header).indexOf(sign);
  const at = found + sign.length;
  if (found < 0 || header.length < at + blank.length) {
    throw new SafetensorsError(`safetensors: file must have a checksum ${key} in its metadata, got none`);
  }
  return at;
}

/** One character a byte, so that places in the text are places in the file. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
