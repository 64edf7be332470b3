import { DatasetError } from "../errors.js";
import { jsonFault } from "../json-fault.js";
import { decodeText } from "../utf8.js";

/** A value in a JSON file, and where it stands. */
export interface JsonField {
  readonly file: string;
  /** `history[3].uid`; empty for the whole file. */
  readonly path: string;
  /** `undefined` where there is no such field. */
  readonly value: unknown;
}

/**
 * The value of a JSON file; untrusted.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`: bytes that are no UTF-8
 *   (with `offset`), a text that is no JSON (with line and column).
 */
export function parseJson(file: string, bytes: Uint8Array): JsonField {
  const text = decodeText(bytes, { file });
  try {
    return { file, path: "", value: JSON.parse(text) };
  } catch (cause) {
    const before = text.slice(0, Math.max(jsonFault(text), 0)).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
    throw new DatasetError(`cmuDog: ${file} must be JSON, got none from ${place} on`, { file, cause });
  }
}

/** A field of an object. */
export function member(of: JsonField, name: string): JsonField {
  const { value } = of;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(of, "be an object");
  const path = of.path === "" ? name : `${of.path}.${name}`;
  return { file: of.file, path, value: (value as Readonly<Record<string, unknown>>)[name] };
}

/** The items of a list. */
export function items(of: JsonField): JsonField[] {
  const { file, path, value } = of;
  if (!Array.isArray(value)) throw wrong(of, "be a list");
  return value.map((one: unknown, i) => ({ file, path: `${path}[${i}]`, value: one }));
}

export function string(of: JsonField): string {
  if (typeof of.value === "string") return of.value;
  throw wrong(of, "be a string");
}

/** One of some values. */
export function oneOf<Value>(of: JsonField, values: readonly Value[]): Value {
  const found = values.find((value) => value === of.value);
  if (found !== undefined) return found;
  throw wrong(of, `be ${values.map((value) => JSON.stringify(value)).join(" or ")}`);
}

/** A whole number from 0 on. */
export function wholeNumber(of: JsonField): number {
  if (Number.isSafeInteger(of.value) && (of.value as number) >= 0) return of.value as number;
  throw wrong(of, "be a whole number ≥ 0");
}

/** What must be otherwise in a field. */
export function wrong({ file, path, value }: JsonField, must: string, got?: string): DatasetError {
  const shown = got ?? JSON.stringify(value) ?? "nothing";
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  const field = path === "" ? "the value" : path;
  return new DatasetError(`cmuDog: ${file}: ${field} must ${must}, got ${short}`, { file, field: path });
}
