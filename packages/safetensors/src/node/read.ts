import type { SafetensorsFile } from "../decode.js";
import { type SafetensorsTensor, tensorOver } from "../dtype.js";
import type { SafetensorsLimits } from "../limits.js";
import { openSafetensorsSource } from "../source.js";
import { fileSource } from "./file-source.js";
import { namingFile } from "./naming-file.js";

/**
 * Reads a whole file. The header is checked before the data is read.
 *
 * @returns every tensor, over memory that nothing else uses
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the
 *   format, naming the file; the system's own error if the file cannot be read.
 */
export async function readSafetensors(path: string, limits?: SafetensorsLimits): Promise<SafetensorsFile> {
  const source = await fileSource(path);
  try {
    const {
      tensors: places,
      metadata,
      dataOffset,
    } = await namingFile(path, () => openSafetensorsSource(source, limits));
    const data = await source.read(dataOffset, source.size);
    const tensors = new Map<string, SafetensorsTensor>();
    for (const [name, { dtype, shape, begin, end }] of places) {
      tensors.set(name, tensorOver(dtype, shape, data, begin - dataOffset, end - dataOffset));
    }
    return { tensors, metadata };
  } finally {
    await source.close();
  }
}
