import { countParameters } from "@infinite-former/tensor";
import { CharTraining, charStep } from "../char-model.js";
import type { Assignment, Subject } from "./subject.js";

/** Training steps of the trainer's default preset on random characters. A unit is one step. */
export async function charTraining({ seed, compile }: Assignment): Promise<Subject> {
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
