import type { ConfigFault } from "@infinite-former/command-line";
import { localBases } from "@infinite-former/signal";
import { gpt2Rules } from "./gpt2-rules.js";
import type { TrainerConfig } from "./schema.js";

/** A condition between settings. It is asked only when every setting it reads is right by itself. */
export interface Rule {
  /** Settings read; the first is the one that a fault names. */
  readonly reads: readonly [string, ...string[]];
  /** @returns what must hold, where it does not. */
  readonly broken: (config: TrainerConfig) => string | false;
}

const rules: readonly Rule[] = [
  {
    reads: ["model.modelSize", "model.kind"],
    broken: ({ model }) =>
      model.kind !== "gpt2" && model.modelSize % 2 !== 0 && `must be even, got ${model.modelSize}`,
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
    reads: ["model.basisCount", "model.basisWidths", "model.basis"],
    broken: ({ model }) =>
      model.basis === "gaussian" &&
      model.basisCount % model.basisWidths.length !== 0 &&
      `must be a multiple of the number of model.basisWidths (${model.basisWidths.length}), got ${model.basisCount}`,
  },
  {
    reads: ["model.shortTermLength", "model.segmentLength", "model.kind"],
    broken: ({ model }) =>
      model.kind !== "gpt2" &&
      model.shortTermLength % model.segmentLength !== 0 &&
      `must be 0 or a multiple of model.segmentLength (${model.segmentLength}), got ${model.shortTermLength}`,
  },
  {
    reads: ["model.affineBias", "model.densityFrom"],
    broken: ({ model }) =>
      model.affineBias &&
      model.densityFrom !== "affine" &&
      `must be false where model.densityFrom is "${model.densityFrom}"`,
  },
  {
    reads: ["model.densityFrom", "model.density"],
    broken: ({ model }) =>
      (model.density === "gibbs") !== (model.densityFrom === "scores") &&
      `must be ${model.density === "gibbs" ? '"scores"' : '"affine" or "moments"'} where model.density is "${model.density}", got "${model.densityFrom}"`,
  },
  {
    reads: ["model.densityFrom", "model.basis"],
    broken: ({ model }) =>
      model.densityFrom === "moments" &&
      !localBases.includes(model.basis) &&
      `must be "affine" where model.basis is "${model.basis}", got "moments"`,
  },
  {
    reads: ["model.densityCount", "model.densityFrom"],
    broken: ({ model }) =>
      model.densityCount > 1 &&
      model.densityFrom !== "affine" &&
      `must be 1 where model.densityFrom is "${model.densityFrom}", got ${model.densityCount}`,
  },
  {
    reads: ["model.padding", "model.basis"],
    broken: ({ model }) =>
      model.padding === "zeros" &&
      (model.basis === "fourier" || model.basis === "legendre") &&
      `must be "none" where model.basis is "${model.basis}", got "zeros"`,
  },
  {
    reads: ["model.basisPeriod", "model.basis"],
    broken: ({ model }) =>
      model.basisPeriod !== null &&
      model.basis !== "fourier" &&
      `must be null where model.basis is "${model.basis}", got ${model.basisPeriod}`,
  },
  {
    reads: ["model.basisCount", "model.basis"],
    broken: ({ model }) =>
      model.basis === "bspline" &&
      model.basisCount < 4 &&
      `must be at least 4 where model.basis is "bspline", got ${model.basisCount}`,
  },
  {
    reads: ["model.cutoffs"],
    broken: ({ model: { cutoffs } }) =>
      !cutoffs.every((id, i) => id > (cutoffs[i - 1] ?? 0)) &&
      `must be ascending word ids, got [${cutoffs.join(", ")}]`,
  },
  {
    reads: ["model.divisor", "model.modelSize", "model.cutoffs"],
    broken: ({ model: { divisor, modelSize, cutoffs } }) =>
      cutoffs.length > 0 &&
      modelSize % divisor !== 0 &&
      `must divide model.modelSize (${modelSize}), got ${divisor}`,
  },
  {
    reads: ["training.minimumLearningRate", "training.learningRate", "training.schedule"],
    broken: ({ training }) =>
      training.schedule !== "constant" &&
      training.minimumLearningRate > training.learningRate &&
      `must be at most training.learningRate (${training.learningRate}), got ${training.minimumLearningRate}`,
  },
  ...gpt2Rules,
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
