import type { ConfigFault } from "@infinite-former/command-line";
import type { TrainerConfig } from "./schema.js";

/** A condition between settings. It is asked only when every setting it reads is right by itself. */
interface Rule {
  /** Settings read; the first is the one that a fault names. */
  readonly reads: readonly [string, ...string[]];
  /** @returns what must hold, where it does not. */
  readonly broken: (config: TrainerConfig) => string | false;
}

const rules: readonly Rule[] = [
  {
    reads: ["model.modelSize"],
    broken: ({ model }) => model.modelSize % 2 !== 0 && `must be even, got ${model.modelSize}`,
  },
  {
    reads: ["model.heads", "model.modelSize"],
    broken: ({ model }) =>
      model.modelSize % model.heads !== 0 &&
      `must divide model.modelSize (${model.modelSize}), got ${model.heads}`,
  },
  {
    reads: ["model.basisCount"],
    broken: ({ model }) => model.basisCount % 2 !== 0 && `must be even, got ${model.basisCount}`,
  },
  {
    reads: ["model.basisCount", "model.basisWidths"],
    broken: ({ model }) =>
      model.basisCount % model.basisWidths.length !== 0 &&
      `must be a multiple of the number of model.basisWidths (${model.basisWidths.length}), got ${model.basisCount}`,
  },
  {
    reads: ["model.shortTermLength", "model.segmentLength"],
    broken: ({ model }) =>
      model.shortTermLength % model.segmentLength !== 0 &&
      `must be 0 or a multiple of model.segmentLength (${model.segmentLength}), got ${model.shortTermLength}`,
  },
  {
    reads: ["model.affineBias", "model.densityFrom"],
    broken: ({ model }) =>
      model.affineBias &&
      model.densityFrom !== "affine" &&
      'must be false where model.densityFrom is "moments"',
  },
  {
    reads: ["training.minimumLearningRate", "training.learningRate", "training.schedule"],
    broken: ({ training }) =>
      training.schedule !== "constant" &&
      training.minimumLearningRate > training.learningRate &&
      `must be at most training.learningRate (${training.learningRate}), got ${training.minimumLearningRate}`,
  },
];

/**
 * Every broken condition between settings.
 *
 * @param faulty paths already known to be wrong: conditions that read one of
 *   them are not asked.
 */
export function brokenRules(config: TrainerConfig, faulty: ReadonlySet<string>): ConfigFault[] {
  return rules.flatMap(({ reads, broken }) => {
    if (reads.some((path) => faulty.has(path))) return [];
    const message = broken(config);
    return message === false ? [] : [{ path: reads[0], message }];
  });
}
