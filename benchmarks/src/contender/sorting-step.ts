import type { Compiler } from "@infinite-former/command-line";
import { CellSession } from "@infinite-former/sorting/training";
import { sortingSize } from "../sizes.js";
import { type SortingModelName, sortingSettings } from "../sorting-settings.js";
import type { Assignment } from "./assignment.js";
import { runSteps } from "./run-steps.js";
import type { Subject } from "./subject.js";

/**
 * Training steps of the sorting benchmark, by its own code: fresh sequences,
 * segments without gradient, the last one with it, clipping, AdamW. A unit is
 * one step.
 */
export async function sortingStep({ model, size, seed }: Assignment, compile: Compiler): Promise<Subject> {
  const sizes = sortingSize(size);
  const session = await CellSession.open({
    plan: {
      preset: "benchmark",
      model: model as SortingModelName,
      variant: null,
      length: sizes.segments * sizes.segmentLength - sizes.answers,
      seed,
      config: sortingSettings(model as SortingModelName, sizes),
    },
    compile,
    signal: new AbortController().signal,
    checkpoint: null,
  });
  return {
    parameters: session.parameters,
    run: runSteps(session.steps()),
  };
}
