/** What `encode` returns. */
export interface EncodedText {
  /** The text as token ids: one a character, or one a piece of several bytes. */
  readonly ids: Int32Array;
  /** How many of them are the unknown symbol. */
  readonly unknown: number;
}
