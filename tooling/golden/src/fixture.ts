import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toFloat64 } from "@infinite-former/safetensors";
import { readSafetensors } from "@infinite-former/safetensors/node";

/** One tensor of a fixture, widened to float64 (exact for every dtype the fixtures use). */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly role: "input" | "expected" | "both";
  readonly integer: boolean;
  /** What it is, in words. */
  readonly meaning: string;
  /** Relative limit of this tensor, where the fixture gives one. */
  readonly relative: number | undefined;
}

/** Two numbers of a rule: `max|got − want| ≤ abs + rel · max|want|`. */
export interface Limit {
  readonly abs: number;
  readonly rel: number;
}

/** A fixture: its description and its tensors. */
export interface Fixture {
  readonly name: string;
  readonly kind: string;
  /** The folder it lies in, where files that it names lie too. */
  readonly directory: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, FixtureTensor>;
}

/** A fixture that can't be checked as it stands: a file missing, a tensor missing or misshapen. */
export class FixtureError extends Error {
  readonly code = "ERR_FIXTURE";
  override readonly name = "FixtureError";
}

/** A fixture that asks for something this version does not compute yet. */
export class NotImplementedError extends Error {
  readonly code = "ERR_NOT_IMPLEMENTED";
  override readonly name = "NotImplementedError";
}

interface TensorDescription {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly role: "input" | "expected" | "both";
  readonly meaning?: string;
  readonly rel_tol?: number;
}

/**
 * Reads `NAME.json` and the tensors beside it.
 *
 * @throws {FixtureError} if a described tensor is missing or has another
 *   shape or type, or the file holds one that is not described.
 */
export async function readFixture(jsonPath: string): Promise<Fixture> {
  const name = basename(jsonPath, ".json");
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(await readFile(jsonPath, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new FixtureError(`${name}.json: not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof json["kind"] !== "string") throw new FixtureError(`${name}.json: kind must be a string`);
  const directory = dirname(jsonPath);
  const described = json["tensors"] as Record<string, TensorDescription> | undefined;
  const tensors = new Map<string, FixtureTensor>();
  if (described === undefined) return { name, kind: json["kind"], directory, json, tensors };

  const file = await readSafetensors(join(directory, `${name}.safetensors`));
  for (const [key, want] of Object.entries(described)) {
    const got = file.tensors.get(key);
    if (got === undefined) throw new FixtureError(`${name}.safetensors: tensor ${key} is missing`);
    if (got.shape.join() !== want.shape.join()) {
      throw new FixtureError(
        `${name}.safetensors: ${key} has shape [${got.shape}], described as [${want.shape}]`,
      );
    }
    if (!["input", "expected", "both"].includes(want.role)) {
      throw new FixtureError(`${name}.json: ${key} must have role input, expected or both, got ${want.role}`);
    }
    const integer = !want.dtype.startsWith("float");
    tensors.set(key, {
      shape: got.shape,
      data: integer ? Float64Array.from(got.data as ArrayLike<number>, Number) : toFloat64(got),
      role: want.role,
      integer,
      meaning: want.meaning ?? "",
      relative: want.rel_tol,
    });
  }
  for (const key of file.tensors.keys()) {
    if (!tensors.has(key)) throw new FixtureError(`${name}.json: ${key} is in the file but not described`);
  }
  return { name, kind: json["kind"], directory, json, tensors };
}

/** A tensor by name. @throws {FixtureError} if there is none. */
export function tensor(fixture: Fixture, name: string): FixtureTensor {
  const found = fixture.tensors.get(name);
  if (found === undefined) throw new FixtureError(`${fixture.name}: tensor ${name} is missing`);
  return found;
}

/** A hyper-parameter by name from an object of the fixture. @throws {FixtureError} if it is missing. */
export function field<T>(fixture: Fixture, object: Readonly<Record<string, unknown>>, name: string): T {
  if (!(name in object)) throw new FixtureError(`${fixture.name}.json: ${name} is missing`);
  return object[name] as T;
}
