import { type SafetensorsTensor, tensorOver } from "./dtype.js";
import { assertLittleEndian } from "./endian.js";
import { PREFIX_BYTES, parseHeader, readHeaderSize, type SafetensorsHeader } from "./header.js";
import type { SafetensorsLimits } from "./limits.js";
import { quote, SafetensorsError } from "./safetensors-error.js";

/** A file of which any part can be read: on a disk, behind a URL, chosen by a user. */
export interface SafetensorsSource {
  /** Of the whole file, in bytes. */
  readonly size: number;
  /** What messages call it. */
  readonly name: string;
  /** The bytes from `begin` to `end`, all of them, in memory that nobody else writes to. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

/** An open file of which single tensors can be read. */
export interface OpenSafetensors extends SafetensorsHeader {
  /**
   * Reads one tensor; no other byte of the data is touched.
   *
   * @returns a tensor in memory of its own
   * @throws {SafetensorsError} `ERR_SAFETENSORS` if the file has no tensor of this name.
   */
  read(name: string): Promise<SafetensorsTensor>;
}

/**
 * Reads and checks the header of a source, and leaves the data where it is.
 *
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the
 *   format; the source's own error where it cannot be read.
 * @example
 * const file = await openSafetensorsSource(blobSource(input.files[0]));
 */
export async function openSafetensorsSource(
  source: SafetensorsSource,
  limits?: SafetensorsLimits,
): Promise<OpenSafetensors> {
  assertLittleEndian();
  const prefix = await exactly(source, 0, Math.min(PREFIX_BYTES, source.size));
  const end = PREFIX_BYTES + readHeaderSize(prefix, source.size, limits);
  const header = parseHeader(await exactly(source, PREFIX_BYTES, end), source.size, limits);
  return {
    ...header,
    async read(name) {
      const info = header.tensors.get(name);
      if (info === undefined) {
        throw new SafetensorsError(
          `safetensors: ${source.name} must have the tensor ${quote(name)}, got none`,
        );
      }
      const bytes = await exactly(source, info.begin, info.end);
      return tensorOver(info.dtype, info.shape, bytes, 0, bytes.length);
    },
  };
}

async function exactly(source: SafetensorsSource, begin: number, end: number): Promise<Uint8Array> {
  const bytes = await source.read(begin, end);
  if (bytes.length === end - begin) return bytes;
  throw new SafetensorsError(
    `safetensors: ${source.name} must give the ${end - begin} bytes from ${begin} on, got ${bytes.length}`,
  );
}

/** The part of a `Blob` or `File` that is used. */
export interface BlobLike {
  readonly size: number;
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A file that a user chose, or any `Blob`. */
export function blobSource(blob: BlobLike & { readonly name?: string }): SafetensorsSource {
  return {
    size: blob.size,
    name: blob.name ?? "the blob",
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}
