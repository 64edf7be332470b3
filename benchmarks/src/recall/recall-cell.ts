import type { ActiveBackend } from "@infinite-former/command-line";
import { describeMachine, describeVersions } from "@infinite-former/command-line";
import { tokensSha256 } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { countParameters } from "@infinite-former/tensor";
import { benchmarksVersion } from "../version.js";
import type { RecallModelName } from "./model-names.js";
import type { RecallConfig } from "./recall-config.js";
import { createRecallModel } from "./recall-model.js";
import { recallWords } from "./recall-text.js";
import { heldOutDocuments, type RecallScore, scoreRecall } from "./score-recall.js";
import { recallLoop } from "./train-recall.js";

/** One point of a learning curve: the mean since the one before. */
export interface RecallCurvePoint {
  readonly step: number;
  /** Cross entropy of the answers over all words, nats. */
  readonly loss: number;
}

/** A model trained from one seed, and its figures. JSON. */
export interface RecallCell {
  readonly model: RecallModelName;
  /** What its settings are called where they are not the probe's own. */
  readonly variant?: string;
  readonly seed: number;
  readonly scores: readonly RecallScore[];
  /** Accuracy of guessing among a name's values. */
  readonly chance: number;
  readonly parameters: number;
  /** Of training. */
  readonly seconds: number;
  readonly curve: readonly RecallCurvePoint[];
  /** SHA-256 of the held-out text. */
  readonly heldOutSha256: string;
  readonly config: RecallConfig;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly command: string;
}

/** What a cell is computed with. */
export interface RecallCellRun {
  readonly model: RecallModelName;
  readonly variant: string | null;
  readonly seed: number;
  readonly config: RecallConfig;
  readonly backend: ActiveBackend;
  /** As typed, for the record. */
  readonly command: string;
  readonly signal: AbortSignal;
  readonly onStep: (step: number, remark: string) => void;
}

/** Points of a learning curve. */
const curvePoints = 20;

/**
 * Trains a model and asks it about facts of every distance.
 *
 * @returns the finished cell, or `null` if the signal ended it.
 * @throws {NonFiniteError} `ERR_NON_FINITE` naming step and tensor.
 */
export async function runRecallCell(run: RecallCellRun): Promise<RecallCell | null> {
  const { model: name, variant, seed, config, backend, signal, onStep } = run;
  const { compile } = backend;
  const { text, training, heldOut } = config;
  const vocabularySize = recallWords(text).size;
  const options = { ...config.model, segmentLength: text.segmentLength, vocabularySize };
  const model = createRecallModel(name, options, createRng(seed).split("model"));
  const parameters = countParameters(model.params);
  const loop = recallLoop(model, config, { seed, compile, signal });
  const curve: RecallCurvePoint[] = [];
  const every = Math.ceil(training.steps / curvePoints);
  let sum = 0;
  try {
    for await (const { step, metrics } of loop) {
      sum += metrics["answerLoss"] as number;
      const since = step - (curve.at(-1)?.step ?? 0);
      if (since === every || step === training.steps) {
        curve.push({ step, loss: sum / since });
        sum = 0;
      }
      onStep(step, curve.length === 0 ? "" : `loss ${curve.at(-1)?.loss.toFixed(3)}`);
    }
    if (signal.aborted) return null;
    const documents = heldOutDocuments(text, heldOut);
    const rows = training.rows;
    const scores = await scoreRecall(model, loop.trees.params, documents, { text, rows, compile, signal });
    if (scores === null) return null;
    return {
      model: name,
      ...(variant === null ? {} : { variant }),
      seed,
      scores,
      chance: 1 / text.values,
      parameters,
      seconds: loop.progress.seconds,
      curve,
      heldOutSha256: await tokensSha256(documents.map(({ tokens }) => tokens)),
      config,
      versions: describeVersions(
        { name: "@infinite-former/benchmarks", version: benchmarksVersion() },
        backend.report,
      ),
      machine: describeMachine(),
      command: run.command,
    };
  } finally {
    loop.dispose();
    model.dispose();
  }
}
