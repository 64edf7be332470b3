/**
 * White space as the original's `\s` has it (Unicode's White_Space). That of
 * JavaScript counts U+FEFF and leaves out U+0085, which cuts other words.
 */
const space = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** English contractions; letters, digits or other marks, each with a space before it; other white space. */
const word = new RegExp(
  `'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|[${space}]+(?![^${space}])|[${space}]+`,
  "gu",
);

/**
 * Cuts a text into the pieces that byte pairs are merged within; joined they
 * are the text.
 *
 * @see Radford et al. (2019), encoder.py
 */
export function* words(text: string): Generator<string> {
  for (const [found] of text.matchAll(word)) yield found;
}
