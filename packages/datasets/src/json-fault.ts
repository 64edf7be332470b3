/** A mark, a number or a name: all but strings. */
const token = /[[\]{}:,]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** What follows a backslash. */
const escaped = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/** What may stand next: `or end` where the list or object may also be empty. */
type Expected = "value" | "value or end" | "key" | "key or end" | ":" | ", or end" | "nothing";

/**
 * Where a text stops being JSON: the offset of the first thing that may not
 * stand there, the length of the text where it only ends too early, -1 where
 * it is JSON. For messages, since not every engine gives the place.
 */
export function jsonFault(text: string): number {
  const ends: string[] = []; // what closes each list and object that is open
  let expected: Expected = "value";
  for (let at = spaceEnd(text, 0); at < text.length; ) {
    const end = tokenEnd(text, at);
    const next: Expected | null = end === -1 ? null : after(text.charAt(at), expected, ends);
    if (next === null) return at;
    expected = next;
    at = spaceEnd(text, end);
  }
  return expected === "nothing" ? -1 : text.length;
}

/** What may follow a token that begins so; `null` where the token itself may not stand there. */
function after(piece: string, expected: Expected, ends: string[]): Expected | null {
  const done = (): Expected => (ends.length > 0 ? ", or end" : "nothing");
  if (piece === "]" || piece === "}") {
    if (!expected.endsWith("or end") || ends.at(-1) !== piece) return null;
    ends.pop();
    return done();
  }
  if (expected === ":") return piece === ":" ? "value" : null;
  if (expected === ", or end") return piece !== "," ? null : ends.at(-1) === "]" ? "value" : "key";
  if (expected.startsWith("key")) return piece === '"' ? ":" : null;
  if (expected === "nothing" || piece === ":" || piece === ",") return null;
  if (piece === "[" || piece === "{") {
    ends.push(piece === "[" ? "]" : "}");
    return piece === "[" ? "value or end" : "key or end";
  }
  return done();
}

/** Where the token ends that begins at `at`, -1 where none does. */
function tokenEnd(text: string, at: number): number {
  if (text[at] !== '"') return matchEnd(token, text, at);
  let end = at + 1;
  while (end < text.length && text[end] !== '"' && text.charCodeAt(end) >= 0x20) {
    end = text[end] === "\\" ? matchEnd(escaped, text, end + 1) : end + 1;
    if (end === -1) return -1;
  }
  return text[end] === '"' ? end + 1 : -1;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Where white space ends that begins at `at`. */
function spaceEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && " \t\n\r".includes(text.charAt(end))) end++;
  return end;
}
