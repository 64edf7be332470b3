import { allDtypes, byteCount, isDtype, type SafetensorsDtype } from "./dtype.js";
import { foreignFormat } from "./foreign-format.js";
import { resolveLimits, type SafetensorsLimits } from "./limits.js";
import { quote, SafetensorsError } from "./safetensors-error.js";
import { Scanner } from "./scanner.js";

/** What a header says of one tensor. */
export interface SafetensorsTensorInfo {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** The byte after the last, counted from the start of the file. */
  readonly end: number;
}

/** What a header says of a file. */
export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensorInfo>;
  /** The strings under `__metadata__`; without a prototype, so that any key is safe. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the data begins: 8 + the header's size. */
  readonly dataOffset: number;
  /** Size of the whole file: where the last tensor ends. */
  readonly fileBytes: number;
}

/** Bytes of the size field in front of the header. */
export const PREFIX_BYTES = 8;

/**
 * The size of the header that the first eight bytes announce.
 *
 * @param prefix the start of the file, 8 bytes or more
 * @param fileBytes size of the whole file
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if the file is too short or the header above the limit.
 */
export function readHeaderSize(prefix: Uint8Array, fileBytes: number, limits?: SafetensorsLimits): number {
  if (prefix.length < PREFIX_BYTES || fileBytes < PREFIX_BYTES) {
    throw new SafetensorsError(
      `safetensors: file must have at least ${PREFIX_BYTES} bytes, got ${Math.min(prefix.length, fileBytes)}`,
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES);
  const size = view.getBigUint64(0, true);
  const limit = resolveLimits(limits).headerBytes;
  if (size > limit) {
    throw new SafetensorsError(
      `safetensors: header must have at most ${limit} bytes, got ${size}${foreignFormat(prefix)}`,
    );
  }
  if (Number(size) > fileBytes - PREFIX_BYTES) {
    throw new SafetensorsError(
      `safetensors: header must end inside the file of ${fileBytes} bytes, got ${size} bytes of header${foreignFormat(prefix)}`,
    );
  }
  return Number(size);
}

/**
 * Reads and checks a header.
 *
 * @param bytes the header alone, without the size in front of it
 * @param fileBytes size of the whole file; left out where only its end will tell
 * @returns every tensor's place; all of the data belongs to exactly one tensor
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the format.
 */
export function parseHeader(
  bytes: Uint8Array,
  fileBytes?: number,
  limits?: SafetensorsLimits,
): SafetensorsHeader {
  const bounds = resolveLimits(limits);
  const dataOffset = PREFIX_BYTES + bytes.length;
  const tensors = new Map<string, SafetensorsTensorInfo>();
  let metadata: Record<string, string> | undefined;
  if (bytes[0] !== 0x7b) throw new SafetensorsError('safetensors: header must start with "{"');
  const scanner = new Scanner(bytes);
  scanner.expect("{");
  scanner.members((name) => {
    if (name === "__metadata__") {
      if (metadata !== undefined) throw duplicate(name);
      metadata = readMetadata(scanner);
      return;
    }
    if (tensors.has(name)) throw duplicate(name);
    if (tensors.size === bounds.tensors) {
      throw new SafetensorsError(`safetensors: file must have at most ${bounds.tensors} tensors, got more`);
    }
    tensors.set(name, readInfo(scanner, name, dataOffset, fileBytes ?? Number.MAX_SAFE_INTEGER, bounds.axes));
  });
  scanner.expectEnd();
  const end = endOfLayout(tensors, dataOffset);
  if (fileBytes !== undefined && end !== fileBytes) {
    throw new SafetensorsError(
      `safetensors: data must end with the last tensor at byte ${end}, got ${fileBytes - end} bytes more`,
    );
  }
  return { tensors, metadata: metadata ?? Object.create(null), dataOffset, fileBytes: end };
}

function readMetadata(scanner: Scanner): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  scanner.expect("{");
  scanner.members((name) => {
    if (name in metadata) throw duplicate(`__metadata__.${name}`);
    metadata[name] = scanner.string();
  });
  return metadata;
}

const fields = ["dtype", "shape", "data_offsets"];

function readInfo(
  scanner: Scanner,
  name: string,
  dataOffset: number,
  fileBytes: number,
  maxAxes: number,
): SafetensorsTensorInfo {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scanner.expect("{");
  scanner.members((field) => {
    if (field === "dtype" && dtype === undefined) dtype = scanner.word(allDtypes);
    else if (field === "shape" && shape === undefined) shape = readNumbers(scanner, name, field, maxAxes);
    else if (field === "data_offsets" && offsets === undefined)
      offsets = readNumbers(scanner, name, field, 2);
    else throw wrong(name, "must have dtype, shape and data_offsets, each once", quote(field));
  }, fields);
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw wrong(name, "must have dtype, shape and two data_offsets", "fewer");
  }
  if (!isDtype(dtype)) throw wrong(name, `must have one of the dtypes ${allDtypes.join(", ")}`, quote(dtype));
  const begin = dataOffset + offsets[0]!;
  const end = dataOffset + offsets[1]!;
  if (begin > end || end > fileBytes) {
    throw wrong(name, `must lie in the ${fileBytes - dataOffset} bytes of data`, `data_offsets [${offsets}]`);
  }
  const bytes = byteCount(dtype, shape);
  if (bytes !== end - begin) {
    const needed = bytes === undefined ? "2^53 bytes or more" : `${bytes} bytes`;
    throw wrong(name, `must have the ${needed} of ${dtype} [${shape}]`, `${end - begin}`);
  }
  return { dtype, shape, begin, end };
}

function readNumbers(scanner: Scanner, name: string, field: string, limit: number): number[] {
  const numbers: number[] = [];
  scanner.expect("[");
  if (scanner.accept("]")) return numbers;
  do {
    if (numbers.length === limit) throw wrong(name, `must have at most ${limit} numbers in ${field}`, "more");
    numbers.push(scanner.wholeNumber());
  } while (scanner.accept(","));
  scanner.expect("]");
  return numbers;
}

/** Tensors in the order of their data. */
export function inDataOrder<Info extends { readonly begin: number; readonly end: number }>(
  tensors: Iterable<readonly [string, Info]>,
): (readonly [string, Info])[] {
  return [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
}

/** Where the data ends, every byte of which belongs to one tensor: no holes, no overlaps. */
function endOfLayout(tensors: ReadonlyMap<string, SafetensorsTensorInfo>, dataOffset: number): number {
  let at = dataOffset;
  for (const [name, { begin, end }] of inDataOrder(tensors)) {
    if (begin !== at) {
      const fault = begin < at ? "an overlap" : "a hole";
      throw wrong(
        name,
        `must begin at byte ${at - dataOffset} of the data`,
        `${begin - dataOffset}: ${fault}`,
      );
    }
    at = end;
  }
  return at;
}

function duplicate(name: string): SafetensorsError {
  return new SafetensorsError(`safetensors: header must name everything once, got ${quote(name)} twice`);
}

function wrong(name: string, requirement: string, got: string): SafetensorsError {
  return new SafetensorsError(`safetensors: tensor ${quote(name)} ${requirement}, got ${got}`);
}
