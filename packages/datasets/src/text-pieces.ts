import { DatasetError } from "./errors.js";
import { type Utf8PiecesOptions, utf8Pieces } from "./utf8-pieces.js";

/** A part of a corpus, in order. */
export interface TextPiece {
  readonly text: string;
  /** Whether a document starts with it. */
  readonly first: boolean;
}

/** How the documents of some files are read. */
export interface TextPiecesOptions extends Utf8PiecesOptions {
  /** `text` (default): each file is a document; `jsonl`: each line, an object with a `text`. */
  readonly format?: "text" | "jsonl";
  /**
   * Where a piece may end: between any two `characters`, or (default) only
   * before white space, so that pieces can be cut into words or byte pairs one by one.
   */
  readonly cut?: "characters" | "space";
  /** Most characters without white space, or in a line of JSONL; 16 Mi by default. */
  readonly maxRun?: number;
}

/**
 * The documents of some files piece by piece, in constant memory (JSONL: one
 * line at a time). The pieces of a document joined are its text. A document
 * without text is left out.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`: as `utf8Pieces`; a run of
 *   `maxRun` characters without white space, or a longer line; a line that is
 *   no JSON object with a text (naming the line).
 */
export async function* textPieces(
  files: readonly string[],
  options: TextPiecesOptions = {},
): AsyncGenerator<TextPiece, void, undefined> {
  const { format = "text", cut = "space", maxRun = 2 ** 24 } = options;
  for (const file of files) {
    if (format === "jsonl") {
      yield* jsonDocuments(file, options, maxRun);
      continue;
    }
    const raw = utf8Pieces(file, options);
    const pieces = cut === "space" ? cutAtSpace(raw, file, maxRun) : raw;
    let first = true;
    for await (const text of pieces) {
      yield { text, first };
      first = false;
    }
  }
}

/** The same text in pieces that end before white space. */
async function* cutAtSpace(
  pieces: AsyncIterable<string>,
  file: string,
  maxRun: number,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  let before = 0; // characters given
  for await (const piece of pieces) {
    const text = rest + piece;
    const at = lastBreak(text);
    if (at > 0) yield text.slice(0, at);
    rest = text.slice(at);
    before += at;
    if (rest.length > maxRun) {
      throw new DatasetError(
        `readText: ${file} must have white space now and then, got more than ${maxRun} characters without any from character ${before} on: ` +
          "read it as characters, or break its lines",
        { file },
      );
    }
  }
  if (rest !== "") yield rest;
}

const space = /\s/u;

/** Where the last white space after something else begins; 0 where there is none. */
function lastBreak(text: string): number {
  for (let i = text.length - 1; i > 0; i--) {
    const code = text.charCodeAt(i);
    if ((code === 10 || code === 32 || code === 9) && !space.test(text[i - 1] as string)) return i;
  }
  return 0;
}

async function* jsonDocuments(
  file: string,
  options: TextPiecesOptions,
  maxRun: number,
): AsyncGenerator<TextPiece, void, undefined> {
  let line = 0;
  let rest = "";
  const documentOf = (text: string): TextPiece | null => {
    line++;
    if (text.trim() === "") return null;
    const document = documentText(file, line, text);
    const text_ = (options.lineEnds ?? "lf") === "lf" ? document.replace(/\r\n?/g, "\n") : document;
    return text_ === "" ? null : { text: text_, first: true };
  };
  for await (const piece of utf8Pieces(file, options)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() as string;
    for (const text of lines) {
      const document = documentOf(text);
      if (document !== null) yield document;
    }
    if (rest.length > maxRun) {
      throw new DatasetError(
        `readText: ${file}:${line + 1}: a line must have at most ${maxRun} characters, got more: put each document on a line of its own`,
        { file },
      );
    }
  }
  const last = documentOf(rest);
  if (last !== null) yield last;
}

function documentText(file: string, line: number, json: string): string {
  const fault = (what: string): DatasetError =>
    new DatasetError(`readText: ${file}:${line}: ${what}`, { file });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw fault(`must be JSON: ${(error as Error).message.slice(0, 100)}`);
  }
  const text = (value as { text?: unknown } | null)?.text;
  if (typeof text !== "string") throw fault('must be an object with a "text" that is a string');
  return text;
}
