import { open } from "node:fs/promises";
import { createRng, shuffle } from "@infinite-former/random";
import { mobyDick } from "../bases/moby-dick.js";

/** Bytes written at once, about. */
const chunkBytes = 2 ** 22;

/**
 * Writes a text of a certain size: Moby-Dick's paragraphs again and again, in
 * an order drawn anew for each round.
 *
 * @param bytes least size; the paragraph that reaches it is whole.
 */
export async function writeLongText(path: string, bytes: number, seed: number): Promise<void> {
  const paragraphs = Buffer.from(await mobyDick())
    .toString("utf8")
    .split("\n\n");
  const rng = createRng(seed);
  const file = await open(path, "w");
  try {
    let written = 0;
    for (let round = 0; written < bytes; round++) {
      let chunk = "";
      let size = 0;
      for (const paragraph of shuffle(rng.split(`round ${round}`), paragraphs)) {
        chunk += `${paragraph}\n\n`;
        size += Buffer.byteLength(paragraph) + 2;
        if (written + size >= bytes) break;
        if (size < chunkBytes) continue;
        written += (await file.write(chunk)).bytesWritten;
        [chunk, size] = ["", 0];
      }
      written += (await file.write(chunk)).bytesWritten;
    }
  } finally {
    await file.close();
  }
}
