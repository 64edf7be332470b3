/** One fault or bad input, and how often it is tried. */
export interface Trial {
  /** Of the table in docs/reliability.md. */
  readonly number: number;
  /** What is done, in a few words: "the process is killed while it saves". */
  readonly fault: string;
  /** How often `pnpm test:faults --all` tries it; once where nothing is said. */
  readonly times?: number;
  /** How often `npm test` and `pnpm test:faults` try it; `times` where nothing is said. */
  readonly everyTime?: number;
  /** The backend, where the test takes one itself; else the name of vitest's project stands for it. */
  readonly on?: string;
  /** The reason why it can't be tried here. */
  readonly skip?: string | false;
  /** Milliseconds. */
  readonly timeout?: number;
}
/**
 * A test of one fault, which `docs/reliability.md` lists: an ordinary test
 * whose number, fault and repetitions the results carry.
 *
 * @param one the fault
 * @param test gets how often it is to try; throws unless what must follow did
 */
export declare function trial(one: Trial, test: (times: number) => unknown): void;
