import type { SafetensorsLimits } from "../limits.js";
import { type OpenSafetensors, openSafetensorsSource } from "../source.js";
import { fileSource } from "./file-source.js";
import { namingFile } from "./naming-file.js";

/** An open file on disk of which single tensors can be read; the caller closes it. */
export interface OpenSafetensorsFile extends OpenSafetensors {
  /** Closes the file. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Opens a file, reads and checks its header, and leaves the data on disk.
 *
 * @returns the checked header and a reader; the caller closes it
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the
 *   format, naming the file; the system's own error if the file cannot be opened.
 */
export async function openSafetensors(
  path: string,
  limits?: SafetensorsLimits,
): Promise<OpenSafetensorsFile> {
  const source = await fileSource(path);
  try {
    const file = await namingFile(path, () => openSafetensorsSource(source, limits));
    return { ...file, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}
