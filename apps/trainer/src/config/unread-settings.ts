import { shown } from "@infinite-former/command-line";
import type { ModelSettings } from "./schema.js";

/** Why a setting of the model changes nothing about a run, or `null` where it is read. */
type Reason = (model: ModelSettings) => string | null;

const always: Reason = () => null;

const onlyIn =
  (...kinds: ModelSettings["kind"][]): Reason =>
  ({ kind }) =>
    kinds.includes(kind) ? null : `model.kind is ${shown(kind)}`;

/** What a memory of a GPT-2 reads, and perhaps another kind, which has its own. */
const ofMemory =
  (memories: readonly ModelSettings["memory"][], kind?: ModelSettings["kind"]): Reason =>
  (model) => {
    if (model.kind === kind) return null;
    if (model.kind !== "gpt2") return onlyIn("gpt2")(model);
    if (memories.includes(model.memory)) return null;
    const remedy = model.memory === "none" ? `; give --set model.memory=${memories[0]}` : "";
    return `model.memory is ${shown(model.memory)}${remedy}`;
  };

/** The first reason of several. */
const all =
  (...reasons: Reason[]): Reason =>
  (model) =>
    reasons.map((reason) => reason(model)).find((reason) => reason !== null) ?? null;

const gpt2 = onlyIn("gpt2");
const anyMemory = ofMemory(["infinite", "compressive"]);
const longTerm = ofMemory(["infinite"], "infinite-former");
const compressed = ofMemory(["compressive"], "compressive");
const ofBody = onlyIn("infinite-former", "transformer-xl");
const notGpt2 = onlyIn("infinite-former", "transformer-xl", "compressive");

const sticky = all(longTerm, ({ sampling }) =>
  sampling === "sticky" ? null : `model.sampling is ${shown(sampling)}`,
);
const ofPrior = all(longTerm, ({ klWeight }) => (klWeight > 0 ? null : "model.klWeight is 0"));

const reasons: Readonly<Record<keyof ModelSettings, Reason>> = {
  kind: always,
  from: always, // refused where it is not read, as are memory and cutoffs
  memory: always,
  memoryLayers: anyMemory,
  memoryStart: anyMemory,
  memoryInput: ofMemory(["infinite"]),
  positions: gpt2,
  tokenRows: gpt2,
  normEpsilon: gpt2,
  scaledScores: gpt2,
  scoresByLayer: gpt2,
  layers: always,
  modelSize: always,
  heads: always,
  innerSize: always,
  segmentLength: always,
  shortTermLength: notGpt2,
  compressedLength: compressed,
  compressionRatio: compressed,
  reconstructionWeight: compressed,
  norm: ofBody,
  finalNorm: ofBody,
  activation: always,
  tiedOutput: always,
  cutoffs: always,
  divisor: all(notGpt2, ({ cutoffs }) => (cutoffs.length > 0 ? null : "model.cutoffs is empty")),
  initializer: ofBody,
  dropout: always,
  basis: longTerm,
  basisPeriod: longTerm,
  basisCount: longTerm,
  basisWidths: all(longTerm, ({ basis }) => (basis === "gaussian" ? null : `model.basis is ${shown(basis)}`)),
  ridge: longTerm,
  contraction: longTerm,
  sampleCount: longTerm,
  grid: longTerm,
  padding: longTerm,
  sampling: longTerm,
  stickyBins: sticky,
  stickyPositions: sticky,
  wipeAfter: longTerm,
  gate: longTerm,
  density: longTerm,
  densityCount: longTerm,
  densityFrom: longTerm,
  affineBias: longTerm,
  klWeight: longTerm,
  varianceFloor: longTerm,
  priorWidth: ofPrior,
  priorMean: ofPrior,
};

/** What a memory has of its own learns at this rate. */
const ofRate: Reason = (model) =>
  model.kind === "compressive" ? null : ofMemory(["infinite", "compressive"], "infinite-former")(model);

/**
 * Why a run of a certain model does not read a setting.
 *
 * @param path of the setting: `model.sampling`.
 * @returns `null` where it is read, and for settings of data and training, but for the memory's rate.
 */
export function whyUnread(path: string, model: ModelSettings): string | null {
  if (path === "training.memoryLearningRate") return ofRate(model);
  const [section, field = ""] = path.split(".");
  return section === "model" && Object.hasOwn(reasons, field)
    ? reasons[field as keyof ModelSettings](model)
    : null;
}
