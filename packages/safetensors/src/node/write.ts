import type { SafetensorsTensor } from "../dtype.js";
import { piecesOf } from "../encode.js";
import { encodeSafetensorsStream, type SafetensorsContent } from "../encode-stream.js";
import type { SafetensorsSpec } from "../layout.js";
import type { SafetensorsLimits } from "../limits.js";
import { writeWhole } from "./write-whole.js";

/**
 * Writes a file whole or not at all: the bytes go to a staging file beside the
 * target, reach the disk (fsync), and take the target's name in one step. A
 * reader sees the old file or the new one; after a failure the old one stands
 * and the staging file is gone. A process killed in between leaves at most
 * `PATH.UUID.partial` behind.
 *
 * @param path where to write; its folder must exist
 * @param tensors names and tensors, borrowed; not to be changed before the end
 * @param metadata strings kept under `__metadata__`
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if the tensors cannot be written as
 *   safetensors, or, with the system's error as `cause`, if the disk refuses.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): Promise<void> {
  const { pieces, byteLength } = piecesOf(tensors, metadata, limits);
  await writeWhole(path, byteLength, pieces);
}

/**
 * {@link writeSafetensors} with one tensor at a time in memory: a file may be
 * larger than the memory is.
 *
 * @param tensors names, dtypes and shapes
 * @param read gives one tensor's numbers, see `encodeSafetensorsStream`; where it fails, nothing is written
 */
export async function writeSafetensorsStream(
  path: string,
  tensors: Iterable<readonly [string, SafetensorsSpec]>,
  read: (name: string) => SafetensorsContent | Promise<SafetensorsContent>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): Promise<void> {
  const chunks = encodeSafetensorsStream(tensors, read, metadata, limits);
  await writeWhole(path, chunks.byteLength, chunks);
}
