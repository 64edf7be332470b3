import type { PreparedRun } from "./prepare.js";
import { type SessionOptions, trainingBatches } from "./session.js";

/**
 * A run that is measured in passes over its text, with the steps that they
 * take: the last one may end within a pass. One that is resumed has its steps
 * already, unless the passes were changed.
 */
export function countSteps(prepared: PreparedRun, tokens: SessionOptions["tokens"]): PreparedRun {
  const { config, resumed } = prepared;
  const { epochs } = config.training;
  if (epochs === null || epochs === resumed?.config.training.epochs) return prepared;
  const { stepsPerEpoch } = trainingBatches(config, tokens);
  const steps = Math.max(1, Math.ceil(epochs * stepsPerEpoch));
  return { ...prepared, config: { ...config, training: { ...config.training, steps } } };
}
