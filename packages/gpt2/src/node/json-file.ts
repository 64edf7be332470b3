import { readFile, stat } from "node:fs/promises";
import { Gpt2FolderError } from "../errors.js";

/** More than the largest index of a model of a thousand shards. */
const largest = 32 * 2 ** 20;

/**
 * A small JSON file; untrusted.
 *
 * @throws {Gpt2FolderError} `ERR_GPT2_FOLDER` if it is above 32 MiB, not UTF-8, or not JSON.
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const { size } = await stat(path);
  if (size > largest) {
    throw new Gpt2FolderError(path, `loadGpt2: ${path} must have at most ${largest} bytes, got ${size}`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Gpt2FolderError(path, `loadGpt2: ${path} must be JSON in UTF-8: ${reason}`, { cause });
  }
}
