import type { StepReport } from "@infinite-former/training";
import type { Subject } from "./subject.js";

/** Runs training steps as units of work; the loss is that of the last one. */
export function runSteps(steps: AsyncIterator<StepReport>): Subject["run"] {
  return async (units) => {
    let loss = Number.NaN;
    for (let i = 0; i < units; i++) {
      const { done, value } = await steps.next();
      if (done) throw new Error("train-step: the training has come to its end");
      loss = value.loss;
    }
    return { loss };
  };
}
