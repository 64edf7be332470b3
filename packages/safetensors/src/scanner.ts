import { SafetensorsError } from "./safetensors-error.js";

/**
 * Walks over the bytes of a JSON text and takes only what the caller expects
 * next, so that a hostile header costs no more than its own size: nothing is
 * built that the grammar of the format does not name, and repeated keys, which
 * `JSON.parse` would swallow, are seen by the caller.
 */
export class Scanner {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #subject: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /** @param subject what messages call the text */
  constructor(bytes: Uint8Array, subject = "header") {
    this.#bytes = bytes;
    this.#subject = subject;
  }

  /** @throws {SafetensorsError} `what` must stand where the scanner is. */
  fail(what: string): never {
    const byte = this.#bytes[this.#at];
    const got =
      byte === undefined
        ? `the end of the ${this.#subject}`
        : byte > 0x20 && byte < 0x7f
          ? `"${String.fromCharCode(byte)}"`
          : `byte 0x${byte.toString(16).padStart(2, "0")}`;
    throw this.#error(`must have ${what} at byte ${this.#at}, got ${got}`);
  }

  /** Takes the character, after any white space, if it is next. */
  accept(character: string): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at += 1;
    return true;
  }

  /** Takes the character, after any white space. */
  expect(character: string): void {
    if (!this.accept(character)) this.fail(`"${character}"`);
  }

  /** Takes what is left, which must be white space. */
  expectEnd(): void {
    this.#skipSpace();
    if (this.#at < this.#bytes.length) this.fail("nothing but white space");
  }

  /** Takes a string. */
  string(): string {
    if (!this.accept('"')) this.fail("a string");
    const bytes = this.#bytes;
    const start = this.#at;
    let end = start;
    let escaped = false;
    let seen = 0;
    for (;;) {
      const byte = bytes[end];
      if (byte === 0x22) break;
      if (byte === undefined || byte < 0x20) {
        this.#at = Math.min(end, bytes.length);
        this.fail("the rest of a string");
      }
      seen |= byte;
      if (byte === 0x5c) {
        escaped = true;
        end += 1; // whatever is escaped is not the closing quote
      }
      end += 1;
    }
    this.#at = end + 1;
    if (escaped) return this.#unescape(start, end);
    const short = seen < 0x80 && end - start < 128;
    // Most names are short and plain: many times faster than a decoder's call.
    if (!short) return this.#decode(start, end);
    return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }

  /** Takes a string that most often is one of `words`, for which nothing is set aside. */
  word(words: readonly string[]): string {
    this.#skipSpace();
    for (const word of words) if (this.#acceptWord(word)) return word;
    return this.string();
  }

  #acceptWord(word: string): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const end = start + word.length;
    if (bytes[this.#at] !== 0x22 || bytes[end] !== 0x22) return false;
    for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false;
    this.#at = end + 1;
    return true;
  }

  /** Takes a whole number from 0 to 2⁵³ − 1, written in digits only. */
  wholeNumber(): number {
    this.#skipSpace();
    const start = this.#at;
    let value = 0;
    for (;;) {
      const digit = (this.#bytes[this.#at] ?? 0) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) this.fail("a number below 2^53");
      this.#at += 1;
    }
    const length = this.#at - start;
    if (length === 0 || (length > 1 && this.#bytes[start] === 0x30)) this.fail("a whole number");
    return value;
  }

  /**
   * Takes the members of an object whose brace has been taken; `value` takes the member's value.
   *
   * @param names that most members have
   */
  members(value: (name: string) => void, names: readonly string[] = []): void {
    if (this.accept("}")) return;
    do {
      const name = this.word(names);
      this.expect(":");
      value(name);
    } while (this.accept(","));
    this.expect("}");
  }

  /** Takes any value of at most `levels` levels, of which nothing is kept. */
  skipValue(levels: number): void {
    if (levels === 0) this.fail("fewer levels");
    if (this.accept("{")) this.members(() => this.skipValue(levels - 1));
    else if (this.accept("[")) {
      if (this.accept("]")) return;
      do this.skipValue(levels - 1);
      while (this.accept(","));
      this.expect("]");
    } else if (this.#bytes[this.#at] === 0x22) this.string();
    else this.#skipWord();
  }

  /** A number, `true`, `false` or `null`. */
  #skipWord(): void {
    const start = this.#at;
    while (/[-+.\w]/.test(String.fromCharCode(this.#bytes[this.#at] ?? 0))) this.#at += 1;
    const word = String.fromCharCode(...this.#bytes.subarray(start, Math.min(this.#at, start + 400)));
    if (/^(-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|true|false|null)$/.test(word)) return;
    this.#at = start;
    this.fail("a value");
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at += 1;
    }
  }

  #decode(start: number, end: number): string {
    try {
      return this.#decoder.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw this.#error(`must be UTF-8, got other bytes from byte ${start} on`, cause);
    }
  }

  #unescape(start: number, end: number): string {
    const literal = this.#decode(start - 1, end + 1);
    let value: string;
    try {
      value = JSON.parse(literal);
    } catch (cause) {
      throw this.#error(`must have valid escapes in the string at byte ${start}`, cause);
    }
    if (/\p{Surrogate}/u.test(value)) {
      throw this.#error(`must not have half a surrogate pair in the string at byte ${start}`);
    }
    return value;
  }

  #error(what: string, cause?: unknown): SafetensorsError {
    return new SafetensorsError(
      `safetensors: ${this.#subject} ${what}`,
      cause === undefined ? {} : { cause },
    );
  }
}
