/** A setting that cannot be used; `code` is `ERR_CONFIG`, `path` names the setting. */
export class ConfigError extends Error {
  readonly code = "ERR_CONFIG";
  override readonly name = "ConfigError";

  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
  }
}

/** Where in the data a fault lies, as far as it is known. */
export interface DatasetFault {
  /** File the data came from. */
  readonly file?: string;
  /** Byte offset in that file. */
  readonly offset?: number;
  /** Field of that file, where it is JSON: `history[3].uid`. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** Data that cannot be used; `code` is `ERR_DATASET`. */
export class DatasetError extends Error {
  readonly code = "ERR_DATASET";
  override readonly name = "DatasetError";
  readonly file: string | undefined;
  readonly offset: number | undefined;
  readonly field: string | undefined;

  constructor(message: string, fault: DatasetFault = {}) {
    super(message, fault.cause === undefined ? undefined : { cause: fault.cause });
    this.file = fault.file;
    this.offset = fault.offset;
    this.field = fault.field;
  }
}

/** @throws {ConfigError} unless `value` is an integer ≥ `low`. */
export function assertInteger(where: string, path: string, value: number, low: number): void {
  if (Number.isSafeInteger(value) && value >= low) return;
  throw new ConfigError(`${where}: ${path} must be an integer ≥ ${low}, got ${value}`, path);
}
