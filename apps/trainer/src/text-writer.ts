import { textStream, untilStop, type Vocabulary } from "@infinite-former/datasets";

/** Turns the tokens of one text into what may be shown of it. */
export interface TextWriter {
  /** What is new with a token: whole characters, and nothing that may begin a stop string. */
  push(token: number): string;
  /** What is left when no token follows. */
  end(): string;
  /** Whether a stop string came: nothing more is told then. */
  readonly stopped: boolean;
}

/** @param stop strings before which the text ends. */
export function textWriter(vocabulary: Vocabulary, stop: readonly string[]): TextWriter {
  const until = untilStop(stop);
  const stream = textStream(vocabulary);
  return {
    push: (token) => until.push(stream.push(token)),
    end: () => until.push(stream.end()) + until.end(),
    get stopped() {
      return until.stopped;
    },
  };
}
