/**
 * A configuration value that cannot be used. `code` is stable and survives
 * duplicate installs of this package; `path` names the field.
 */
export class ConfigError extends Error {
  readonly code = "ERR_CONFIG" as const;
  /** The field at fault, as the caller spells it, e.g. `"widths[1]"`. */
  readonly path: string;

  /**
   * @param caller the function that refuses
   * @param path the field at fault
   * @param requirement what the field must do, starting with a verb ("be a whole number ≥ 1")
   * @param got the value found
   */
  constructor(caller: string, path: string, requirement: string, got: unknown) {
    super(`${caller}: ${path} must ${requirement}, got ${describe(got)}`);
    this.name = "ConfigError";
    this.path = path;
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  return String(value);
}

/** @throws {ConfigError} unless `value` is a whole number of at least 1. */
export function checkCount(caller: string, path: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ConfigError(caller, path, "be a whole number ≥ 1", value);
  }
}

/** @throws {ConfigError} unless `value` is finite and above 0. */
export function checkPositive(caller: string, path: string, value: number): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new ConfigError(caller, path, "be a finite number > 0", value);
  }
}

/** @throws {ConfigError} unless `value` is one of `names`. */
export function checkOneOf(caller: string, path: string, value: string, names: readonly string[]): void {
  if (!names.includes(value)) {
    throw new ConfigError(
      caller,
      path,
      `be ${names.map((name) => JSON.stringify(name)).join(" or ")}`,
      value,
    );
  }
}
