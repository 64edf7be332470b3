const kinds = ["set", "digit", "delete", "insert", "cut", "repeat", "flip"];

/**
 * One to three mutations at random, for {@link mutate}.
 *
 * @param {typeof import("fast-check").default} fc of the package under test
 */
export function mutationsOf(fc) {
  const one = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(), value: fc.nat(255) });
  return fc.array(one, { minLength: 1, maxLength: 3 });
}

/**
 * The bytes after one mutation; the ones given stay as they are.
 *
 * @param {Uint8Array} bytes
 * @param {{ kind: string, at: number, value: number }} mutation
 */
export function mutate(bytes, { kind, at, value }) {
  const i = at % Math.max(1, bytes.length);
  const before = bytes.subarray(0, i);
  const replaced = (count, ...middle) => joined(before, Uint8Array.from(middle), bytes.subarray(i + count));
  if (kind === "set") return replaced(1, value);
  if (kind === "flip") return replaced(1, bytes[i] ^ (1 << (value % 8)));
  if (kind === "insert") return replaced(0, value);
  if (kind === "delete") return replaced(value % 10);
  if (kind === "cut") return new Uint8Array(before);
  if (kind === "repeat") return joined(before, bytes.subarray(i, i + (value % 60)), bytes.subarray(i));
  const digit = bytes.findIndex((byte, place) => place >= i && byte >= 0x30 && byte <= 0x39);
  const copy = new Uint8Array(bytes); // slice of a Buffer would be a view
  if (digit >= 0) copy[digit] = 0x30 + (value % 10);
  return copy;
}

function joined(...parts) {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
