/** The values of all half-precision bit patterns; made when they are first asked for. */
let table: Float32Array | undefined;

/** IEEE 754 binary16 as float32, exactly: one sign bit, five of exponent, ten of fraction. */
export function halfToFloat32(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfToNumber(bits));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
  return values;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 as float32, exactly: it is the upper half of one. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** Float32 rounded to the nearest binary16, ties to even; 65,520 and more become infinity. */
export function float32ToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const size = bits[i]! & 0x7fffffff;
    halves[i] = sign | halfOfPositive(size, Math.abs(values[i]!));
  }
  return halves;
}

/** @param bits of the float32 `value`, which is not negative */
function halfOfPositive(bits: number, value: number): number {
  if (bits > 0x7f800000) return 0x7e00;
  if (bits >= 0x47800000) return 0x7c00;
  // Adding and taking away 2⁵² rounds a double to whole numbers, ties to even.
  if (bits < 0x38800000) return value * 2 ** 24 + 2 ** 52 - 2 ** 52;
  const rebiased = bits - 0x38000000;
  return (rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13;
}

/** Float32 rounded to the nearest bfloat16, ties to even. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i]!;
    const notANumber = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}
