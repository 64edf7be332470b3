/** Unicode code points of a text; half a surrogate pair counts as one. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (isPair) {
      count--;
      i++;
    }
  }
  return count;
}

/** UTF-16 units of a text's first so many code points; those of all where it has fewer. */
export function unitsOfCodePoints(text: string, count: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen++ >= count) break;
    units += character.length;
  }
  return units;
}
