/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const roundConstants = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
/** The same of the square roots of the first 8. */
const start = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

const blockBytes = 64;

/**
 * SHA-256 of the bytes of all parts in a row, as 64 hexadecimal digits.
 *
 * @param parts fewer than 2⁵⁰ bytes together; borrowed
 * @see FIPS 180-4, section 6.2
 */
export function sha256(parts: readonly Uint8Array[]): string {
  const state = start.slice();
  const schedule = new Int32Array(64);
  const block = new Uint8Array(blockBytes);
  let total = 0;
  let filled = 0;
  for (const part of parts) {
    total += part.length;
    let at = 0;
    if (filled > 0) {
      at = Math.min(blockBytes - filled, part.length);
      block.set(part.subarray(0, at), filled);
      filled += at;
      if (filled < blockBytes) continue;
      compress(state, schedule, block, 0);
      filled = 0;
    }
    for (; at + blockBytes <= part.length; at += blockBytes) compress(state, schedule, part, at);
    block.set(part.subarray(at), 0);
    filled = part.length - at;
  }
  block.fill(0, filled);
  block[filled] = 0x80;
  if (filled >= blockBytes - 8) {
    compress(state, schedule, block, 0);
    block.fill(0);
  }
  new DataView(block.buffer).setBigUint64(blockBytes - 8, BigInt(total) * 8n);
  compress(state, schedule, block, 0);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** One block of 64 bytes from `at` on into the state. */
function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++) {
    const i = at + 4 * t;
    w[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!;
    const y = w[t - 2]!;
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16]! + sigma0 + w[t - 7]! + sigma1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + roundConstants[t]! + w[t]!) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
  state[5] = (state[5]! + f) | 0;
  state[6] = (state[6]! + g) | 0;
  state[7] = (state[7]! + h) | 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point; a double has them all for numbers of this size. */
function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32) | 0;
}
