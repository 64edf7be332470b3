import { resolve } from "node:path";
import {
  type ActiveBackend,
  type CommandCall,
  type CommonOptions,
  describeMachine,
  describeVersions,
  duration,
  type Io,
  listenForStops,
  notice,
  result,
  resultJson,
  stopCode,
  takeBackend,
} from "@infinite-former/command-line";
import type { Vocabulary } from "@infinite-former/datasets";
import { type EncodedCorpus, encodeCorpus } from "../corpus/encoded-corpus.js";
import { tokenName, unknownWarning, vocabularyJson, vocabularySha256 } from "../corpus/run-vocabulary.js";
import { tokensFolder } from "../corpus/tokens-folder.js";
import { type Provenance, RunDirectory } from "../run/run-directory.js";
import { countSteps } from "../train/count-steps.js";
import { assertFitsMachine } from "../train/memory-needed.js";
import type { TrainOutcome } from "../train/outcome.js";
import { defaultPlace, type PreparedRun, prepareRun, type TrainRequest } from "../train/prepare.js";
import { resumePoint } from "../train/resume-point.js";
import { TrainingSession } from "../train/session.js";
import { startingWeights } from "../train/starting-weights.js";
import { trainRun } from "../train/train-run.js";
import { trainerVersion } from "../version.js";

/** Options of `infinite-former train`. */
export interface TrainOptions extends CommonOptions, TrainRequest {
  readonly keep: number;
  readonly skipNonfinite: number;
}

/**
 * `infinite-former train`: a new run, or one that is resumed.
 *
 * @returns 0 when all steps are done; 130 or 143 when stopped after saving.
 */
export async function trainCommand(call: CommandCall, options: TrainOptions): Promise<number> {
  const { io } = call;
  const stops = listenForStops((signal) => {
    notice(io, `${signal}: finishing this step and saving; once more to end at once`);
  });
  try {
    const backend = await takeBackend(io, options.backend);
    const prepared = await prepareRun(options, io, backend.report.name === "tensorflow");
    if (backend.report.device !== "gpu") assertFitsMachine(prepared.config, prepared.vocabulary.size);
    for (const note of prepared.notes) notice(io, note);
    const { corpus, vocabulary } = prepared;
    const tokens = await encodeCorpus(corpus, vocabulary, { folder: tokensFolder() });
    try {
      const directory = await openDirectory(prepared, io);
      try {
        const outcome = await trainIn(call, options, backend, prepared, tokens, directory, stops.signal);
        tell(io, outcome, options.json === true);
        return outcome.finished ? 0 : stopCode(stops.signal);
      } finally {
        await directory.close();
      }
    } finally {
      tokens.train.close();
      tokens.valid.close();
    }
  } finally {
    stops.dispose();
  }
}

async function openDirectory({ out, resumed, presetName }: PreparedRun, io: Io): Promise<RunDirectory> {
  if (out !== null && resumed?.directory === out) return RunDirectory.resume(out);
  if (out !== null) return RunDirectory.create(out);
  const { folder, name } = defaultPlace(presetName, io.cwd);
  return RunDirectory.createUnder(folder, name);
}

async function trainIn(
  call: CommandCall,
  options: TrainOptions,
  backend: ActiveBackend,
  asked: PreparedRun,
  { train, valid }: EncodedCorpus,
  directory: RunDirectory,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { io } = call;
  const { corpus, vocabulary, resumed } = asked;
  const warning = unknownWarning(corpus.source, train.unknown + valid.unknown, vocabulary);
  if (warning !== null) notice(io, warning);
  const prepared = countSteps(asked, { train, valid });
  const { config } = prepared;
  const origin = { dataSha256: corpus.sha256, vocabularySha256: await vocabularySha256(vocabulary) };
  const checkpoint = await resumePoint(io, prepared, { train, valid }, origin);
  const weights = checkpoint === null ? await startingWeights(prepared, (line) => notice(io, line)) : null;
  const startedFrom = checkpoint === null ? weights?.startedFrom : resumed?.config.startedFrom;
  const session = await TrainingSession.open({
    config,
    vocabulary,
    tokens: { train, valid },
    origin,
    compile: backend.compile,
    signal,
    skipNonFinite: options.skipNonfinite,
    checkpoint: checkpoint?.path ?? null,
    weights: weights?.load,
  });
  try {
    const provenance: Provenance = {
      format: "infinite-former/run",
      formatVersion: 1,
      preset: prepared.presetName,
      seed: config.training.seed,
      backend: { name: backend.report.name, version: backend.report.version, device: backend.report.device },
      versions: describeVersions({ name: "infinite-former", version: trainerVersion() }, backend.report),
      machine: describeMachine(),
      command: call.typed,
      dataSha256: corpus.sha256,
      corpus: {
        source: corpus.source,
        characters: train.characters + valid.characters,
        trainTokens: train.tokens,
        validTokens: valid.tokens,
      },
      vocabulary: describeVocabulary(vocabulary, origin.vocabularySha256),
      parameters: session.parameters,
      ...(startedFrom === undefined ? {} : { startedFrom }),
      created: resumed?.config.created ?? new Date().toISOString(),
    };
    await carryOver(io, prepared, directory, checkpoint?.step ?? 0);
    if (!("characters" in vocabulary)) await directory.writeVocabulary(vocabularyJson(vocabulary));
    const elsewhere = resumed?.directory !== directory.path;
    if (elsewhere || session.progress.step < config.training.steps)
      await directory.writeConfig({ ...provenance, ...config });
    if (elsewhere && checkpoint !== null) await session.save(directory.checkpoints, { keep: options.keep });
    announce(io, directory, prepared, session);
    return await trainRun({
      io,
      directory,
      session,
      config,
      signal,
      keep: options.keep,
      token: tokenName(vocabulary),
    });
  } finally {
    session.dispose();
  }
}

/** What `config.json` says of a vocabulary. */
function describeVocabulary(vocabulary: Vocabulary, sha256: string): Provenance["vocabulary"] {
  if ("characters" in vocabulary) return vocabulary.characters;
  const kind = "words" in vocabulary ? "words" : "byte-pairs";
  return { kind, size: vocabulary.size, sha256 };
}

/** Brings the reports up to the checkpoint along: those of later steps are taken back, since the steps are made again. */
async function carryOver(
  io: Io,
  { resumed }: PreparedRun,
  directory: RunDirectory,
  step: number,
): Promise<void> {
  if (resumed === null) return;
  if (resumed.directory !== directory.path) {
    const lines = await RunDirectory.open(resumed.directory).readMetrics();
    for (const line of lines) if (line.step <= step) await directory.appendMetrics(line);
    return;
  }
  const removed = await directory.truncateMetrics(step);
  if (removed > 0)
    notice(io, `${removed} reports after step ${step} are taken back: those steps are made again`);
}

function announce(
  io: Io,
  { path }: RunDirectory,
  { config, resumed }: PreparedRun,
  { progress: { step }, parameters }: TrainingSession,
): void {
  const { steps, schedule } = config.training;
  if (step >= steps) {
    const finished =
      step > steps ? `: it has ${step} steps, more than --steps ${steps}` : ` (step ${step} of ${steps})`;
    notice(io, `${path}: the run is finished${finished}; a larger --steps goes on`);
    return;
  }
  const before = resumed?.config.training.steps ?? steps;
  if (steps !== before && schedule !== "constant") {
    notice(
      io,
      `training.steps: ${before} → ${steps}; the ${schedule} schedule is recomputed for ${steps} steps`,
    );
  }
  if (step > 0) notice(io, `${path}: going on from step ${step} of ${steps}`);
  else notice(io, `${resolve(path)}: ${steps} steps, ${parameters} parameters`);
}

function tell(io: Io, outcome: TrainOutcome, json: boolean): void {
  if (json) {
    resultJson(io, outcome);
    return;
  }
  const { loss, perplexity, bitsPerCharacter, sample, report, seconds, step } = outcome;
  if (loss !== null && perplexity !== null) {
    result(io, `trained ${step} steps in ${duration(seconds)}`);
    const other =
      bitsPerCharacter === null
        ? `perplexity ${perplexity.toPrecision(5)}`
        : `${bitsPerCharacter.toFixed(4)} bits per character`;
    result(io, `validation loss ${loss.toFixed(4)} nats per ${outcome.token}, ${other}`);
  }
  if (sample !== null) result(io, `sample:\n${sample.replace(/^/gm, "  ")}`);
  result(io, `report: ${report}`);
}
