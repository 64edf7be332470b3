/** The array that holds the elements of each dtype. F16 and BF16 stay raw bits: see `toFloat32`. */
export interface SafetensorsArrays {
  readonly F64: Float64Array;
  readonly F32: Float32Array;
  readonly F16: Uint16Array;
  readonly BF16: Uint16Array;
  readonly I64: BigInt64Array;
  readonly I32: Int32Array;
  readonly I16: Int16Array;
  readonly I8: Int8Array;
  readonly U64: BigUint64Array;
  readonly U32: Uint32Array;
  readonly U16: Uint16Array;
  readonly U8: Uint8Array;
  /** One byte an element, 0 or 1; other bytes are passed through as they are. */
  readonly BOOL: Uint8Array;
}

/** The element types this package reads and writes. */
export type SafetensorsDtype = keyof SafetensorsArrays;

/** A tensor: its elements in row-major order. `shape` `[]` is a scalar with one element. */
export type SafetensorsTensor = {
  [D in SafetensorsDtype]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: SafetensorsArrays[D];
  };
}[SafetensorsDtype];

type ArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): SafetensorsTensor["data"];
};

const CONSTRUCTORS: ReadonlyMap<string, ArrayConstructor> = new Map<SafetensorsDtype, ArrayConstructor>([
  ["F64", Float64Array],
  ["F32", Float32Array],
  ["F16", Uint16Array],
  ["BF16", Uint16Array],
  ["I64", BigInt64Array],
  ["I32", Int32Array],
  ["I16", Int16Array],
  ["I8", Int8Array],
  ["U64", BigUint64Array],
  ["U32", Uint32Array],
  ["U16", Uint16Array],
  ["U8", Uint8Array],
  ["BOOL", Uint8Array],
]);

/** Whether this package knows the dtype. */
export function isDtype(name: string): name is SafetensorsDtype {
  return CONSTRUCTORS.has(name);
}

/** Every dtype. */
export const allDtypes: readonly string[] = [...CONSTRUCTORS.keys()];

/** Bytes an element takes. */
export function elementSize(dtype: SafetensorsDtype): number {
  return CONSTRUCTORS.get(dtype)!.BYTES_PER_ELEMENT;
}

/** Whether `data` is the kind of array that holds this dtype. */
export function holdsDtype(data: unknown, dtype: SafetensorsDtype): data is SafetensorsTensor["data"] {
  return data instanceof CONSTRUCTORS.get(dtype)!;
}

/**
 * A tensor over `bytes` from `begin` to `end`: a view where the memory is
 * aligned for the dtype, a copy where it is not. The caller has checked that
 * shape, dtype and byte count agree.
 */
export function tensorOver(
  dtype: SafetensorsDtype,
  shape: readonly number[],
  bytes: Uint8Array,
  begin: number,
  end: number,
): SafetensorsTensor {
  const Type = CONSTRUCTORS.get(dtype)!;
  const length = (end - begin) / Type.BYTES_PER_ELEMENT;
  const aligned = (bytes.byteOffset + begin) % Type.BYTES_PER_ELEMENT === 0;
  const data = aligned
    ? new Type(bytes.buffer, bytes.byteOffset + begin, length)
    : new Type(bytes.slice(begin, end).buffer, 0, length);
  return { dtype, shape, data } as SafetensorsTensor;
}

/** The bytes of a tensor, without a copy. */
export function bytesOf({ data }: SafetensorsTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** `Π shape · element size`, or `undefined` where that leaves the whole numbers a double holds exactly. */
export function byteCount(dtype: SafetensorsDtype, shape: readonly number[]): number | undefined {
  let count = elementSize(dtype);
  for (const size of shape) {
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return count;
}
