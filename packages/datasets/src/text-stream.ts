import { bytesOfId } from "./byte-pair/decode.js";
import { decode, type Vocabulary } from "./vocabulary.js";
import { wordText } from "./word-vocabulary.js";

/** A text that is told token by token. */
export interface TextStream {
  /** What can be told with one more token; empty while a character is not whole. */
  push(id: number): string;
  /** What is left at the end: U+FFFD where a character was begun and not ended. */
  end(): string;
}

/**
 * Decodes tokens as they come, as in generation. A character whose bytes are
 * spread over tokens is given when it is whole; all pieces joined are what
 * `decode` gives for all ids.
 */
export function textStream(vocabulary: Vocabulary): TextStream {
  if ("characters" in vocabulary) return { push: (id) => decode(vocabulary, [id]), end: () => "" };
  if ("words" in vocabulary) {
    let index = 0;
    const push = (id: number): string => {
      const text = wordText(vocabulary, id, index);
      return index++ === 0 ? text.replace(/^ /, "") : text;
    };
    return { push, end: () => "" };
  }
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let index = 0;
  return {
    push: (id) => decoder.decode(bytesOfId(vocabulary, id, index++), { stream: true }),
    end: () => decoder.decode(),
  };
}
