import { allDtypes, byteCount, elementSize, isDtype, type SafetensorsDtype } from "./dtype.js";
import { inDataOrder, PREFIX_BYTES } from "./header.js";
import { resolveLimits, type SafetensorsLimits } from "./limits.js";
import { quote, SafetensorsError } from "./safetensors-error.js";

/** What is known of a tensor before its numbers are. */
export interface SafetensorsSpec {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
}

/** Where a tensor goes in a file about to be written. */
export interface Place extends SafetensorsSpec {
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** The byte after the last. */
  readonly end: number;
}

/** A file about to be written: its first bytes, and where each tensor goes. */
export interface Layout {
  /** Size field and header. */
  readonly head: Uint8Array;
  /** In the order of their data, which has neither holes nor overlaps. */
  readonly places: readonly (readonly [string, Place])[];
  readonly fileBytes: number;
}

/**
 * Lays out a file so that every tensor is aligned: wide dtypes come first, and
 * the header is padded with spaces to a multiple of 8.
 *
 * @param tensors the header keeps their order
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if a name comes twice or is
 *   `__metadata__`, a dtype or shape is none, a text is not well-formed, or
 *   what is written would be above the limits of a reader.
 */
export function planLayout(
  tensors: Iterable<readonly [string, SafetensorsSpec]>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): Layout {
  const bounds = resolveLimits(limits);
  const specs = new Map<string, SafetensorsSpec & { readonly bytes: number }>();
  for (const [name, { dtype, shape }] of tensors) {
    if (specs.has(name)) throw wrongTensor(name, "must be named once", "it twice");
    specs.set(name, { dtype, shape, bytes: checkedBytes(name, { dtype, shape }, bounds.axes) });
  }
  if (specs.size > bounds.tensors) {
    throw new SafetensorsError(
      `safetensors: file must have at most ${bounds.tensors} tensors, got ${specs.size}`,
    );
  }
  const widest = [...specs].sort(([, a], [, b]) => elementSize(b.dtype) - elementSize(a.dtype));
  const places = new Map<string, Place>();
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of widest) {
    places.set(name, { dtype, shape, begin: at, end: at + bytes });
    at += bytes;
  }
  const head = headBytes([...specs.keys()], places, metadata, bounds.headerBytes);
  const moved = inDataOrder(places).map(([name, place]): readonly [string, Place] => {
    return [name, { ...place, begin: head.length + place.begin, end: head.length + place.end }];
  });
  return { head, places: moved, fileBytes: head.length + at };
}

/** An error about one tensor. */
export function wrongTensor(name: string, requirement: string, got: string): SafetensorsError {
  return new SafetensorsError(`safetensors: tensor ${quote(name)} ${requirement}, got ${got}`);
}

function checkedBytes(name: string, { dtype, shape }: SafetensorsSpec, axes: number): number {
  if (name === "__metadata__") throw wrongTensor(name, "must have another name", "the one kept for metadata");
  checkText(name, "tensor name");
  if (!isDtype(dtype))
    throw wrongTensor(name, `must have one of the dtypes ${allDtypes.join(", ")}`, String(dtype));
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw wrongTensor(name, "must have a shape of whole numbers ≥ 0", `[${String(shape)}]`);
  }
  if (shape.length > axes) throw wrongTensor(name, `must have at most ${axes} axes`, `${shape.length}`);
  const bytes = byteCount(dtype, shape);
  if (bytes === undefined) {
    throw wrongTensor(name, `must have fewer than 2^53 bytes`, `the too many bytes of ${dtype} [${shape}]`);
  }
  return bytes;
}

function headBytes(
  names: readonly string[],
  places: ReadonlyMap<string, Place>,
  metadata: Readonly<Record<string, string>> | undefined,
  limit: number,
): Uint8Array {
  // Written member by member: an object would move names like "1" to the front.
  const members = names.map((name) => {
    const { dtype, shape, begin, end } = places.get(name) as Place;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`;
  });
  if (metadata !== undefined) members.unshift(`"__metadata__":${metadataJson(metadata)}`);
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const size = Math.ceil(json.length / 8) * 8;
  if (size > limit) {
    throw new SafetensorsError(`safetensors: header must have at most ${limit} bytes, got ${size}`);
  }
  const out = new Uint8Array(PREFIX_BYTES + size).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(size), true);
  out.set(json, PREFIX_BYTES);
  return out;
}

function metadataJson(metadata: Readonly<Record<string, string>>): string {
  const members = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== "string") {
      throw new SafetensorsError(`safetensors: metadata ${quote(key)} must be a string, got ${typeof value}`);
    }
    checkText(key, "metadata key");
    checkText(value, `metadata ${quote(key)}`);
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

function checkText(text: string, what: string): void {
  if (/\p{Surrogate}/u.test(text)) {
    throw new SafetensorsError(`safetensors: ${what} must be well-formed text, got half a surrogate pair`);
  }
}
