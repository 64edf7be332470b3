import { SafetensorsError } from "../safetensors-error.js";

/** Does some work on a file; what is wrong with the file is said with its path. */
export async function namingFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SafetensorsError) || error.message.includes(path)) throw error;
    const message = error.message.replace(/^(\w+): /, `$1: ${path}: `);
    throw new SafetensorsError(message, { cause: error });
  }
}
