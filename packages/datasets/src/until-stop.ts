/** A text that is told piece by piece until one of some strings comes. */
export interface TextUntilStop {
  /** What can be told now: all before a stop string, and nothing that may be the beginning of one. */
  push(text: string): string;
  /** Whether a stop string has come; what is pushed then is lost. */
  readonly stopped: boolean;
  /** What was held back and became no stop string. */
  end(): string;
}

/**
 * Ends a text before the one of some strings that is complete first (of two
 * that end at one place the longer), wherever the text is cut into pieces.
 *
 * @param stops not empty strings; with none the text goes through as it is.
 * @throws {RangeError} for an empty one, which would end every text at once.
 * @example
 * const text = untilStop(["\n\n"]);
 * text.push("one\n"); // "one"
 * text.push("\ntwo"); // "", and text.stopped
 */
export function untilStop(stops: readonly string[]): TextUntilStop {
  const empty = stops.indexOf("");
  if (empty >= 0) throw new RangeError(`untilStop: stops[${empty}] must not be empty`);
  let held = "";
  let stopped = false;
  return {
    push(text) {
      if (stopped) return "";
      const all = held + text;
      const first = firstComplete(all, stops);
      stopped = first !== null;
      const end = first ?? all.length - longestBeginning(all, stops);
      held = stopped ? "" : all.slice(end);
      return all.slice(0, end);
    },
    get stopped() {
      return stopped;
    },
    end: () => held,
  };
}

/** Where the stop string begins that is complete first; `null` where there is none. */
function firstComplete(text: string, stops: readonly string[]): number | null {
  let [start, end] = [-1, Number.POSITIVE_INFINITY];
  for (const stop of stops) {
    const at = text.indexOf(stop);
    const to = at + stop.length;
    if (at >= 0 && (to < end || (to === end && at < start))) [start, end] = [at, to];
  }
  return start < 0 ? null : start;
}

/** How much of a text's end may be the beginning of a stop string. */
function longestBeginning(text: string, stops: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(0, ...stops.map((stop) => stop.length - 1)));
  for (let length = longest; length > 0; length--) {
    const ending = text.slice(-length);
    if (stops.some((stop) => stop.length > length && stop.startsWith(ending))) return length;
  }
  return 0;
}
