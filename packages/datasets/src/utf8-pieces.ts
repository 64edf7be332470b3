import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { DatasetError } from "./errors.js";
import { invalidUtf8Offset, type LineEnds } from "./utf8.js";

/** How a text file is read piece by piece. */
export interface Utf8PiecesOptions {
  /** `lf` (default) turns CRLF and CR into LF; `keep` leaves them. */
  readonly lineEnds?: LineEnds;
  /** Bytes read at a time; 1 MiB by default. */
  readonly chunkBytes?: number;
  /** Whether a pipe is read too, to its end; only files are by default, which can be read again. */
  readonly pipes?: boolean;
  /** Is given every byte of the file in order, as it is read: for a checksum, or progress. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

/**
 * The text of a UTF-8 file in pieces, in constant memory whatever its size.
 * Strict: broken bytes are an error, never replaced; a byte-order mark is
 * dropped; no piece cuts a character, or a CRLF.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file` (and `offset`): missing,
 *   unreadable, not a file, changed in size while it is read, or not UTF-8.
 */
export async function* utf8Pieces(
  path: string,
  options: Utf8PiecesOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { lineEnds = "lf", chunkBytes = 2 ** 20, pipes = false, onBytes } = options;
  const file = await opened(path);
  try {
    const found = await file.stat();
    if (!found.isFile() && !(pipes && found.isFIFO()))
      throw fault(path, `must be a text file, got ${kindOf(found)}`);
    const buffer = Buffer.allocUnsafe(chunkBytes + 4);
    let held = 0; // bytes of an unfinished character at the start of the buffer
    let offset = 0; // of the buffer's first byte in the file
    let carriage = false; // whether a CR waits for its LF
    for (;;) {
      const { bytesRead } = await file.read(buffer, held, chunkBytes, null);
      onBytes?.(buffer.subarray(held, held + bytesRead));
      const length = held + bytesRead;
      const whole = bytesRead === 0 ? length : length - unfinished(buffer.subarray(0, length));
      const bytes = buffer.subarray(0, whole);
      if (!isUtf8(bytes)) throw notUtf8(path, bytes, offset);
      let text = bytes.toString("utf8");
      if (offset === 0 && text.startsWith("\ufeff")) text = text.slice(1);
      offset += whole;
      if (lineEnds === "lf") {
        if (carriage) text = `\r${text}`;
        carriage = bytesRead > 0 && text.endsWith("\r");
        if (carriage) text = text.slice(0, -1);
        text = text.replace(/\r\n?/g, "\n");
      }
      if (text !== "") yield text;
      if (bytesRead === 0) break;
      buffer.copy(buffer, 0, whole, length);
      held = length - whole;
    }
    if (offset < found.size) {
      throw fault(path, `must not change while it is read: had ${found.size} bytes, ended after ${offset}`);
    }
  } finally {
    await file.close();
  }
}

/** Bytes at the end that begin a character and don't end it, 0 to 3. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? back : 0;
    }
  }
  return 0;
}

function notUtf8(path: string, bytes: Uint8Array, start: number): DatasetError {
  const at = invalidUtf8Offset(bytes);
  const byte = (bytes[at] as number).toString(16).padStart(2, "0");
  return new DatasetError(
    `readText: ${path} must be valid UTF-8, got byte 0x${byte} at offset ${start + at}: ` +
      "convert the file to UTF-8 (for example with iconv)",
    { file: path, offset: start + at },
  );
}

async function opened(path: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : message;
    throw fault(path, `must be a readable text file: ${reason}`, error);
  }
}

function kindOf(found: { isDirectory(): boolean }): string {
  return found.isDirectory() ? "a directory" : "a device or pipe";
}

function fault(path: string, what: string, cause?: unknown): DatasetError {
  return new DatasetError(`readText: ${path} ${what}`, {
    file: path,
    ...(cause === undefined ? {} : { cause }),
  });
}
