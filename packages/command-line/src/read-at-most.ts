import { createReadStream } from "node:fs";

/**
 * The bytes of a file that must be small: a pipe is read too, and of an endless
 * device no more than the limit.
 *
 * @returns the bytes, or `null` where there are more than `limit`.
 * @throws the system's error where it cannot be read.
 */
export async function readAtMost(path: string, limit: number): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of createReadStream(path, { end: limit }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return bytes > limit ? null : Buffer.concat(chunks);
}
