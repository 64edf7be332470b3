import process from "node:process";

/** Where a command writes, and what it may ask about its surroundings. Tests pass their own. */
export interface Io {
  /** Results: one document or the text asked for, and nothing else. */
  readonly stdout: { write(text: string): unknown };
  /** Notices, progress, warnings and errors. */
  readonly stderr: { write(text: string): unknown };
  /** Whether stderr is a terminal: progress bars, questions. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths of arguments start from. */
  readonly cwd: string;
}

/** @returns the streams of this process. */
export function processIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    interactive: process.stderr.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
  };
}

/** Writes one line to stderr. */
export function notice(io: Io, text: string): void {
  io.stderr.write(`${text}\n`);
}

/** Writes one line to stdout. */
export function result(io: Io, text: string): void {
  io.stdout.write(`${text}\n`);
}

/** Writes one JSON document to stdout. */
export function resultJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
