/** Bytes that stand for themselves: visible Latin-1 characters, without the soft hyphen. */
function isVisible(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
}

function spell(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : next++));
}

/**
 * GPT-2's way to write a byte as a visible character, by byte: itself where it
 * is one, else the next of U+0100, U+0101, … (a space is `Ġ`). Vocabulary files
 * are written in these.
 *
 * @see Radford et al. (2019), encoder.py, `bytes_to_unicode`
 */
export const byteSymbols: readonly string[] = spell();

const bytes: ReadonlyMap<string, number> = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/** The bytes that a token of a vocabulary file stands for; its own UTF-8 where it is not written in the alphabet. */
export function bytesOfToken(token: string): Uint8Array {
  const found = Uint8Array.from(token, (symbol) => bytes.get(symbol) ?? 0);
  return [...token].every((symbol) => bytes.has(symbol)) ? found : new TextEncoder().encode(token);
}
