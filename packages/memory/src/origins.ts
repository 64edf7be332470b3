/**
 * Of what one batch row's signal is made, kept beside the memory where someone
 * asks; JSON. Time is counted in segments: the middle of vector j of segment s
 * (0 the first since the row's last reset) is at `s + (j + ½)/length`.
 */
export interface RowOrigins {
  /** Segments absorbed since the last reset, as in the memory. */
  readonly segments: number;
  /** Where in [0, 1] the last fit was given a value, ascending; M + L numbers at most. Empty in a row that has absorbed nothing. */
  readonly positions: readonly number[];
  /** From what time each of these values stems, ascending too: sampling keeps the order. */
  readonly times: readonly number[];
}

/** One a batch row. A fork takes the same, or picks rows as `fork` does; `JSON.stringify` stores it. */
export type Origins = readonly RowOrigins[];

/** From where a value of the signal stems. */
export interface Origin {
  /** Which segment, 0 the first since the row's last reset. */
  readonly segment: number;
  /** How many segments came after it. */
  readonly age: number;
  /** Where in the segment, in [0, 1): of `length` vectors it is number `⌊within · length⌋`. */
  readonly within: number;
}

const nothing: RowOrigins = Object.freeze({
  segments: 0,
  positions: Object.freeze([]),
  times: Object.freeze([]),
});

/** The origins of a memory that has absorbed nothing. */
export function emptyOrigins(batch: number): Origins {
  return Array.from({ length: batch }, () => nothing);
}

/**
 * The origins beside `resetRows`.
 * @param ended one number a row: 1 (empty the row) or 0.
 * @throws {RangeError} if there are not as many numbers as rows.
 */
export function resetOrigins(origins: Origins, ended: ArrayLike<number>): Origins {
  checkRowCount("resetOrigins", "ended", ended.length, origins.length);
  return origins.map((row, b) => (ended[b] ? nothing : row));
}

/**
 * From which segment, and from where in it, the signal at a position stems:
 * between two places of the last fit, from the time between theirs.
 *
 * @param position in [0, 1].
 * @returns `null` in a row that has absorbed nothing.
 */
export function originAt(row: RowOrigins, position: number): Origin | null {
  if (row.segments === 0) return null;
  const time = timeAt(row, position);
  const segment = Math.min(Math.floor(time), row.segments - 1);
  return { segment, age: row.segments - 1 - segment, within: time - segment };
}

/** The time from which the signal at a position stems. */
export function timeAt({ positions, times }: RowOrigins, position: number): number {
  return interpolate(positions, times, position);
}

/** Where in [0, 1] something of this time lies now; where a run of samples repeats it, in the middle of the run. */
export function positionOf({ positions, times }: RowOrigins, time: number): number {
  return interpolate(times, positions, time);
}

/** The line through the points `(x, y)`, both ascending, and level beyond them; at equal x the middle of theirs. */
function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  const first = firstAbove(x, (value) => value >= at);
  const after = firstAbove(x, (value) => value > at);
  const last = x.length - 1;
  if (after > first) return ((y[first] as number) + (y[after - 1] as number)) / 2;
  if (first === 0) return y[0] as number;
  if (first > last) return y[last] as number;
  const [x0, x1] = [x[first - 1] as number, x[first] as number];
  const [y0, y1] = [y[first - 1] as number, y[first] as number];
  return y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
}

/** The first index at which `is` holds; it holds from there on. */
function firstAbove(values: readonly number[], is: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @throws {RangeError} `fn: name must have 2 rows, got 3`. */
export function checkRowCount(fn: string, name: string, got: number, want: number): void {
  if (got !== want) throw new RangeError(`${fn}: ${name} must have ${want} rows, got ${got}`);
}
