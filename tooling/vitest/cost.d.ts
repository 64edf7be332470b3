/** Holds what many runs cost against a bound. */
export interface CostGuard {
  /** Runs it, synchronously, and notes what it took. */
  run(run: () => void): void;
  /** The same for a run that waits; runs must not overlap. */
  wait(run: () => Promise<void>): Promise<void>;
  /** @returns what was found. @throws where a bound was broken. */
  check(): string;
}
/**
 * Holds what many runs of a parser cost against a bound: memory beside what is
 * held after the first runs (64 MB), and the processor time of the slowest (1,000 ms).
 */
export declare function costGuard(bounds?: {
  readonly megabytes?: number;
  readonly milliseconds?: number;
  /** Runs that say what is held anyway. */
  readonly warmUp?: number;
}): CostGuard;
