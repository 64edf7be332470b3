import type { PreparedRun } from "./prepare.js";
import { type SessionOptions, trainingBatches } from "./session.js";

/**
 * A new run that is measured in passes over its text, with the steps that they
 * take: the last one may end within a pass. Resumed runs have theirs already.
 */
export function countSteps(prepared: PreparedRun, tokens: SessionOptions["tokens"]): PreparedRun {
  const { config, resumed } = prepared;
  const { epochs } = config.training;
  if (epochs === null || resumed !== null) return prepared;
  const { stepsPerEpoch } = trainingBatches(config, tokens);
  const steps = Math.max(1, Math.ceil(epochs * stepsPerEpoch));
  return { ...prepared, config: { ...config, training: { ...config.training, steps } } };
}
