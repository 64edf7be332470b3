import type { Compiler } from "@infinite-former/command-line";
import { countParameters } from "@infinite-former/tensor";
import { CharTraining, charStep } from "../char-model.js";
import type { Assignment } from "./assignment.js";
import type { Subject } from "./subject.js";

/** Training steps of the trainer's default preset on random characters. A unit is one step. */
export async function charTraining({ seed }: Assignment, compile: Compiler): Promise<Subject> {
  const training = new CharTraining(seed);
  const step = compile(charStep(training.model));
  return {
    parameters: countParameters(training.model.params),
    async run(units) {
      let loss = Number.NaN;
      for (let i = 0; i < units; i++) loss = training.advance(step);
      return { loss };
    },
  };
}
