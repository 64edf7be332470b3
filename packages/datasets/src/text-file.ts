import { DatasetError } from "./errors.js";
import { readLimited } from "./read-limited.js";
import { bytesSha256 } from "./token-hash.js";
import { decodeText, type LineEnds } from "./utf8.js";

/** How `readTextCorpus` reads. */
export interface TextCorpusOptions {
  /** `lf` (default) turns CRLF and CR into LF; `keep` leaves them. */
  readonly lineEnds?: LineEnds;
  /** Most bytes a file may have; 256 MiB by default (a JavaScript string ends at about 512 MiB). */
  readonly maxBytes?: number;
}

/** Texts of some files, each a document. */
export interface TextCorpus {
  readonly documents: readonly TextDocument[];
  /** SHA-256 over the files' own SHA-256 digests, in order: changes with any byte of any file. */
  readonly sha256: string;
}

export interface TextDocument {
  readonly path: string;
  readonly text: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly sha256: string;
}

const defaultMaxBytes = 256 * 2 ** 20;

/**
 * Reads UTF-8 text files, each a document. A byte-order mark is dropped; a
 * missing final newline is nothing special.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file` (and `offset`): no paths, a
 *   file that is missing, unreadable, a directory, empty, larger than
 *   `maxBytes`, or not UTF-8.
 * @example
 * const { documents, sha256 } = await readTextCorpus(["moby-dick.txt"]);
 */
export async function readTextCorpus(
  paths: readonly string[],
  options: TextCorpusOptions = {},
): Promise<TextCorpus> {
  if (paths.length === 0) {
    throw new DatasetError("readTextCorpus: paths must name at least one text file, got none");
  }
  const documents: TextDocument[] = [];
  for (const path of paths) documents.push(await readDocument(path, options));
  const digests = documents.map(({ sha256 }) => sha256).join("\n");
  return { documents, sha256: await bytesSha256(new TextEncoder().encode(digests)) };
}

async function readDocument(path: string, options: TextCorpusOptions): Promise<TextDocument> {
  const { lineEnds = "lf", maxBytes = defaultMaxBytes } = options;
  const bytes = await readLimited(path, {
    where: "readTextCorpus",
    kind: "text file",
    maxBytes,
    reason: "since texts are held in memory whole",
    remedy: "give a part of it",
  });
  const text = decodeText(bytes, { lineEnds, file: path });
  if (text.length === 0) {
    throw new DatasetError(`readTextCorpus: ${path} must have text, got an empty file`, { file: path });
  }
  return { path, text, bytes: bytes.length, sha256: await bytesSha256(bytes) };
}
