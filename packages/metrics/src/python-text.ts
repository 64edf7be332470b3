/** What Python's `str.split()` cuts at: Unicode's white space and the four information separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators are control characters
const whiteSpace = /[\p{White_Space}\x1c-\x1f]+/u;

/** The words of a text, cut at white space as Python's `str.split()` cuts. */
export function splitWords(text: string): string[] {
  return text.split(whiteSpace).filter((word) => word !== "");
}
