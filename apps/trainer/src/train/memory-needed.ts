import { totalmem } from "node:os";
import { ConfigFaultsError } from "@infinite-former/command-line";
import type { TrainerConfig } from "../config/schema.js";

/** The least that training a model takes. */
export interface Least {
  readonly parameters: number;
  readonly bytes: number;
}

/**
 * The least memory that training takes, in bytes: kernels of attention, inner
 * layers and words, each with its gradient and two moments in float32, and one
 * batch's hidden states and scores. Real runs need some times as much.
 */
export function leastToTrain({ model, training }: TrainerConfig, vocabularySize: number): Least {
  const { layers, modelSize, innerSize, cutoffs, divisor, segmentLength } = model;
  const borders = [0, ...cutoffs.filter((id) => id < vocabularySize), vocabularySize];
  const words = borders
    .slice(1)
    .reduce((sum, end, i) => sum + (end - (borders[i] as number)) * (modelSize / divisor ** i), 0);
  const parameters = Math.floor(words + layers * modelSize * (4 * modelSize + 2 * innerSize));
  const rows = training.batchSize * segmentLength;
  return { parameters, bytes: 16 * parameters + 4 * rows * (layers * modelSize + (borders[1] as number)) };
}

/**
 * Refuses a model that this machine can't train, before anything is allocated.
 *
 * @param memoryBytes what the machine has.
 * @throws {ConfigFaultsError} with `model` at fault.
 */
export function assertFitsMachine(
  config: TrainerConfig,
  vocabularySize: number,
  memoryBytes: number = totalmem(),
): void {
  const { parameters, bytes } = leastToTrain(config, vocabularySize);
  if (bytes <= memoryBytes) return;
  const gibibytes = (count: number): string => `${Math.ceil(count / 2 ** 30).toLocaleString("en")} GiB`;
  throw new ConfigFaultsError([
    {
      path: "model",
      message:
        `must fit this machine: some ${parameters.toLocaleString("en")} parameters, training them and ${training(config)} takes ` +
        `${gibibytes(bytes)} at the least, got ${gibibytes(memoryBytes)}: lower model.modelSize, model.innerSize, ` +
        "model.layers, model.segmentLength or training.batchSize, or take a smaller vocabulary",
    },
  ]);
}

const training = ({ model, training: { batchSize } }: TrainerConfig): string =>
  `${batchSize} rows of ${model.segmentLength} tokens`;
