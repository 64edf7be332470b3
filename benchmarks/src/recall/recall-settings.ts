import type { RecallModelName } from "./model-names.js";
import type { RecallConfig } from "./recall-config.js";
import type { RecallTextConfig } from "./recall-text.js";

/** 96 names of four values each among eight filling words; documents of 128 segments of four words. */
const text: RecallTextConfig = { segmentLength: 4, segments: 128, names: 96, values: 4, fillers: 8 };

/** What all models have in common. */
const body = { layers: 2, modelSize: 64, heads: 2, innerSize: 128 };
const norms = { norm: "pre", finalNorm: true };

/** How a continuous memory is written and read; found by the search. */
const longTerm = {
  basisCount: 48,
  basisWidths: [0.02],
  contraction: 0.95,
  sampleCount: 192,
  gate: false,
  density: "gibbs",
  densityFrom: "scores",
};

/** 64 rows of memory a layer: of states, of states and compressed ones, of states and coefficients. */
function modelOptions(model: RecallModelName, memory: object = longTerm): RecallConfig["model"] {
  switch (model) {
    case "none":
      return { ...body, ...norms, shortTermLength: 0 };
    case "transformer-xl":
      return { ...body, ...norms, shortTermLength: 64 };
    case "compressive":
      return { ...body, shortTermLength: 16, compressedLength: 48, compressionRatio: 4 };
    case "infinite-former":
      return { ...body, ...norms, shortTermLength: 16, longTerm: memory };
    case "infinite-former-sticky":
      // With λ = 1 what lies in a bin that all attention stays on grows by 1.1 a segment, with 1000 it fades.
      return {
        ...body,
        ...norms,
        shortTermLength: 16,
        longTerm: { ...memory, sampling: "sticky", ridge: 1000 },
      };
  }
}

/** Weights of the models' own penalties: KL as in the authors' launch script, reconstruction as lucidrains' default. */
const penaltyWeights: Readonly<Record<RecallModelName, number>> = {
  none: 0,
  "transformer-xl": 0,
  compressive: 1,
  "infinite-former": 1e-6,
  "infinite-former-sticky": 1e-6,
};

/** Each kind's better one of .0015 and .003, by the search; without a memory as with that of a Transformer-XL. */
const rates: Readonly<Record<RecallModelName, number>> = {
  none: 1.5e-3,
  "transformer-xl": 1.5e-3,
  compressive: 3e-3,
  "infinite-former": 3e-3,
  "infinite-former-sticky": 3e-3,
};

function settings(
  model: RecallModelName,
  options: RecallConfig["model"],
  training: { readonly steps: number; readonly learningRate: number },
): RecallConfig {
  const { steps, learningRate } = training;
  const penaltyWeight = penaltyWeights[model];
  return {
    text,
    model: options,
    training: { steps, rows: 64, learningRate, warmupSteps: 100, clipNorm: 1, penaltyWeight },
    heldOut: 256,
  };
}

/** The settings of a model's cells: text, body, updates and data are those of all. */
export function recallSettings(model: RecallModelName): RecallConfig {
  return settings(model, modelOptions(model), { steps: 4000, learningRate: rates[model] });
}

/** What the search tried: a learning rate, or something of a continuous memory. */
interface Change {
  readonly learningRate?: number;
  readonly longTerm?: object;
}

const gaussian = { density: "gaussian" };
const changes: Readonly<Record<string, Change>> = {
  "rate-0.0015": { learningRate: 1.5e-3 },
  "rate-0.003": {},
  "rate-0.006": { learningRate: 6e-3 },
  affine: { longTerm: { ...gaussian, densityFrom: "affine" } },
  moments: { longTerm: { ...gaussian, densityFrom: "moments" } },
  "tau-0.9": { longTerm: { contraction: 0.9 } },
  "tau-0.98": { longTerm: { contraction: 0.98 } },
};

/** Names of the search's variants: what each changes, at a learning rate of 0.003, Gibbs densities and τ = .95 otherwise. */
export const recallVariants: readonly string[] = Object.keys(changes);

/** The settings of a variant: half as many updates. @throws {RangeError} for a name that is none of them. */
export function variantSettings(model: RecallModelName, variant: string): RecallConfig {
  const change = changes[variant];
  if (change === undefined) throw new RangeError(`variantSettings: variant must be known, got ${variant}`);
  const options = modelOptions(model, { ...longTerm, ...change.longTerm });
  return settings(model, options, { steps: 2000, learningRate: change.learningRate ?? 3e-3 });
}
