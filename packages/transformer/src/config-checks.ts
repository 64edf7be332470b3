import { ConfigError } from "@infinite-former/tensor";

/** Checks of one configuration's fields; each throws `ERR_CONFIG` with the path of the field at fault. */
export interface ConfigChecks {
  /** @throws {ConfigError} always. @param must what the field must do, as in `be even`. */
  fault(path: string, must: string, value: unknown): never;
  /** That an object has no member but these. @param above path of the object, as in `longTerm.`. */
  known(above: string, given: object, fields: readonly string[]): void;
  integer(path: string, value: number, least?: number): void;
  oneOf(path: string, value: unknown, names: readonly string[]): void;
  flag(path: string, value: unknown): void;
  /** A dropout rate, in [0, 1). */
  rate(path: string, value: number): void;
}

/** @param fn in whose name the messages speak. */
export function configChecks(fn: string): ConfigChecks {
  const fault = (path: string, must: string, value: unknown): never => {
    throw new ConfigError(path, `${fn}: ${path} must ${must}, got ${JSON.stringify(value)}`);
  };
  return {
    fault,
    known(above, given, fields) {
      const [first, ...more] = Object.keys(given).filter((field) => !fields.includes(field));
      if (first === undefined) return;
      const names = [first, ...more].map((field) => above + JSON.stringify(field).slice(1, -1)).join(", ");
      throw new ConfigError(
        above + first,
        `${fn}: ${names.slice(0, 200)} must be left out: there is no such field; there are ${fields.join(", ")}`,
      );
    },
    integer(path, value, least = 1) {
      if (!Number.isSafeInteger(value) || value < least)
        fault(path, `be an integer of at least ${least}`, value);
    },
    oneOf(path, value, names) {
      const quoted = names.map((name) => JSON.stringify(name));
      const list = [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter((part) => part !== "");
      if (!names.includes(value as string)) fault(path, `be ${list.join(" or ")}`, value);
    },
    flag(path, value) {
      if (typeof value !== "boolean") fault(path, "be true or false", value);
    },
    rate(path, value) {
      if (!(value >= 0 && value < 1)) fault(path, "be in [0, 1)", value);
    },
  };
}
