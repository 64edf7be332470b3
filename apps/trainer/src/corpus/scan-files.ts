import { createHash } from "node:crypto";
import { bytesSha256, codePointCount } from "@infinite-former/datasets";
import { textPieces } from "@infinite-former/datasets/node";

/** What one reading of a split's files finds. */
export interface Scan {
  readonly files: readonly string[];
  /** SHA-256 of each. */
  readonly digests: readonly string[];
  readonly characters: number;
}

/**
 * Reads files once for checksum and size.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`.
 */
export async function scanFiles(files: readonly string[], format: "text" | "jsonl"): Promise<Scan> {
  const digests: string[] = [];
  let characters = 0;
  for (const file of files) {
    const hash = createHash("sha256");
    const onBytes = (bytes: Uint8Array): void => void hash.update(bytes);
    for await (const { text } of textPieces([file], { format, cut: "characters", onBytes })) {
      characters += codePointCount(text);
    }
    digests.push(hash.digest("hex"));
  }
  return { files, digests, characters };
}

/** SHA-256 of a file as it is, of several files over their digests. */
export async function sha256Of(digests: readonly string[]): Promise<string> {
  if (digests.length === 1) return digests[0] as string;
  return bytesSha256(new TextEncoder().encode(digests.join("\n")));
}
