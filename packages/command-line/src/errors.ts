/**
 * Wrong arguments, configuration or input: ends the command line with exit
 * code 2. The message is complete for a reader who sees nothing else.
 */
export class UsageError extends Error {
  readonly code = "ERR_USAGE";
  override readonly name = "UsageError";
}

/** Training cannot go on: ends the command line with exit code 1. */
export class TrainingError extends Error {
  readonly code = "ERR_TRAINING";
  override readonly name = "TrainingError";
}

/** Codes that mean "what you gave me is wrong" rather than "I failed". */
const inputCodes = new Set([
  "ERR_USAGE",
  "ERR_CONFIG",
  "ERR_SAFETENSORS",
  "ERR_MEMORY",
  "ERR_MEMORY_FORMAT",
  "ERR_CHECKPOINT",
  "ERR_DATASET",
  "ERR_CORPUS",
]);

/** @returns the `code` of anything thrown, or `undefined`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** @returns the exit code that an error stands for: 2 for wrong input, else 1. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return inputCodes.has(errorCode(error) ?? "") ? 2 : 1;
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  EEXIST: "something else of that name is there",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "too many symbolic links",
};

/** @returns why a file operation failed, in words and without the system call's name. */
export function systemReason(error: unknown): string {
  const code = errorCode(error);
  const reason = code === undefined ? undefined : systemReasons[code];
  return reason ?? (error instanceof Error ? error.message : String(error));
}

/** What the engine of TensorFlow.js says where a backend lacks an operation. */
const missingKernel = /[Kk]ernel '(\w+)' (?:not registered )?for backend '(\w+)'/;

/** Codes of errors whose messages begin with the function that found the fault, for those who called it. */
const libraryCodes = new Set([
  "ERR_CHECKPOINT",
  "ERR_DATASET",
  "ERR_MEMORY",
  "ERR_NON_FINITE",
  "ERR_REQUEST",
  "ERR_SAFETENSORS",
  "ERR_SHAPE",
]);

/** @returns a message without the function at its start, which tells nothing to who typed a command. */
export function withoutFunction(message: string): string {
  return message.replace(/^[A-Za-z]\w*(\.\w+)?: /, "");
}

/**
 * What a person reads about an error: its message, a hint where the system's
 * message is terse, and the stack only when `DEBUG` is set.
 */
export function describeError(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return error.stack ?? error.message;
  const kernel = missingKernel.exec(error.message);
  if (kernel !== null) {
    return (
      `the backend ${kernel[2]} has no kernel ${kernel[1]}, which this needs\n` +
      "  give another --backend (infinite-former doctor lists them)"
    );
  }
  const code = errorCode(error);
  if (code !== undefined && code in systemReasons && "path" in error && typeof error.path === "string") {
    return `${error.path}: ${systemReason(error)}`;
  }
  const message = libraryCodes.has(code ?? "") ? withoutFunction(error.message) : error.message;
  const remedy = "remedy" in error && typeof error.remedy === "string" ? error.remedy : undefined;
  return remedy === undefined || message.includes(remedy) ? message : `${message}\n  ${remedy}`;
}
