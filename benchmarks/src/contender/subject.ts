import type { Compiler } from "@infinite-former/command-line";

/** What a contender is asked to do: the options of its command line. */
export interface Assignment {
  readonly case: string;
  readonly model: string;
  readonly size: string;
  readonly memory: boolean;
  readonly sequences: number;
  readonly seed: number;
  readonly compile: Compiler;
}

/** Work that can be repeated; how large one unit is, the case says. Owns its tensors as long as the process lives. */
export interface Subject {
  readonly parameters: number;
  /** Does `units` of work and waits for the last result; what it tells of them, the loss of a training step at least. */
  run(units: number): Promise<Outcome>;
}

/** What some units of work gave. */
export interface Outcome {
  readonly loss: number | null;
  readonly gigaflopsPerSecond?: number;
}
