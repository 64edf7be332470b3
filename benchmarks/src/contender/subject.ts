import type { Compiler } from "@infinite-former/command-line";
import type { Assignment } from "./assignment.js";

/** Makes the subject of an assignment; functions are made fast by `compile`. */
export type Prepare = (assignment: Assignment, compile: Compiler) => Promise<Subject>;

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
