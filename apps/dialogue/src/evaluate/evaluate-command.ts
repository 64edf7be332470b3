import { rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type ActiveBackend,
  type CommandCall,
  type CommonOptions,
  listenForStops,
  notice,
  result,
  resultJson,
  startProgress,
  stopCode,
  systemReason,
  takeBackend,
  UsageError,
  withoutFunction,
  writeFileAtomically,
} from "@infinite-former/command-line";
import { disposeGpt2, type Gpt2 } from "@infinite-former/gpt2";
import { disposeTree } from "@infinite-former/tensor";
import type { LearningCurve } from "@infinite-former/training";
import { findNewestCheckpoint, loadCheckpoint } from "@infinite-former/training/node";
import { evenlySpread, responsesOf, type Split } from "../data/responses.js";
import { assertOwn } from "../run/continuation.js";
import { checkpointsOf } from "../run/run-record.js";
import { openRun, type PreparedRun, sizesOf } from "../train/prepare.js";
import { evaluateResponses } from "./evaluate-responses.js";
import type { DialogueResult } from "./result.js";

/** Options of `dialogue evaluate`. */
export interface EvaluateCommandOptions extends CommonOptions {
  readonly split: Split;
  readonly data?: string;
  readonly limit?: number;
  readonly seed: number;
  readonly out?: string;
}

/** `dialogue evaluate DIR`: perplexity of the responses of a split, and scores of responses written. */
export async function evaluateCommand(
  call: CommandCall,
  folder: string,
  options: EvaluateCommandOptions,
): Promise<number> {
  const { io } = call;
  const directory = resolve(io.cwd, folder);
  const out = options.out === undefined ? null : resolve(io.cwd, options.out);
  if (out !== null) await assertWritable(out);
  const backend = await takeBackend(io, options.backend);
  const run = await openRun(call, directory, options);
  const stops = listenForStops(() => notice(io, "stopping; nothing is kept"));
  try {
    const found = await evaluate(call, directory, run, backend, options, stops.signal);
    if (found === null) return stopCode(stops.signal);
    if (out !== null) await write(out, found);
    if (options.json === true) resultJson(io, found);
    else tell(call, found);
    return 0;
  } finally {
    stops.dispose();
    disposeGpt2(run.model);
  }
}

async function evaluate(
  { io, typed }: CommandCall,
  directory: string,
  { record, data, coder, model: blank }: PreparedRun,
  backend: ActiveBackend,
  { split, limit, seed }: EvaluateCommandOptions,
  signal: AbortSignal,
): Promise<DialogueResult | null> {
  const { newest, passedOver } = await findNewestCheckpoint(checkpointsOf(directory));
  for (const { path, reason } of passedOver) notice(io, `${path} is passed over: ${withoutFunction(reason)}`);
  if (newest === null) throw new UsageError(`${directory}: has no whole checkpoint; train it with --resume`);
  assertOwn(newest.path, newest.state, record);
  const { config } = record;
  const responses = responsesOf(data, split, coder, config.data);
  if (responses.length === 0) throw new UsageError(`--split ${split}: has no response to be written`);
  const { trees, state } = await loadCheckpoint(newest.path, { model: blank.params });
  const model: Gpt2 = { ...blank, params: trees.model };
  const progress = startProgress(io, {
    label: "evaluate",
    unit: "responses",
    total: Math.min(limit ?? responses.length, responses.length),
  });
  const began = performance.now();
  try {
    const found = await evaluateResponses({
      model,
      config,
      coder,
      sizes: sizesOf(record, coder),
      responses,
      limit: limit ?? responses.length,
      seed,
      compile: backend.compile,
      signal,
      onProgress: (done) => progress.update(done),
    });
    if (found === null) return null;
    const { written, ...figures } = found;
    const { format: _, formatVersion: __, command, from, ...rest } = record;
    const kept = evenlySpread(written.length, config.evaluation.examples);
    return {
      ...rest,
      pretrained: from !== null,
      split,
      allResponses: responses.length,
      samplingSeed: seed,
      ...figures,
      steps: state.step,
      seconds: state.seconds,
      evaluationSeconds: (performance.now() - began) / 1000,
      curve: (state.notes as { readonly curve: LearningCurve<"loss"> }).curve.points,
      examples: kept.map((place) => written[place] as (typeof written)[number]),
      command: `${command} && ${typed}`,
    };
  } finally {
    progress.stop();
    disposeTree(trees);
  }
}

/** Tries what will be written, so that nothing is evaluated for nothing. */
async function assertWritable(path: string): Promise<void> {
  try {
    if ((await stat(path).catch(() => null))?.isDirectory()) throw new UsageError("is a folder");
    await writeFileAtomically(`${path}.part`, "");
    await rm(`${path}.part`);
  } catch (error) {
    throw new UsageError(`--out ${path}: cannot be written: ${systemReason(error)}`);
  }
}

async function write(path: string, found: DialogueResult): Promise<void> {
  try {
    await writeFileAtomically(path, `${JSON.stringify(found, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--out ${path}: cannot be written: ${systemReason(error)}`);
  }
}

function tell({ io }: CommandCall, found: DialogueResult): void {
  const { scores, responses, allResponses, split, perplexity, examples } = found;
  result(io, `${found.model}, ${found.steps} steps: ${responses} of ${allResponses} responses of ${split}`);
  result(io, `perplexity ${perplexity.toPrecision(5)} a token`);
  const percent = (value: number): string => (100 * value).toFixed(2);
  const { wordOverlap, rouge1, rougeL, meteorWithoutSynonyms } = scores;
  result(
    io,
    `F1 ${percent(wordOverlap.fMeasure)}, ROUGE-1 ${percent(rouge1.fMeasure)}, ROUGE-L ${percent(rougeL.fMeasure)}, METEOR (exact and stem) ${percent(meteorWithoutSynonyms)}`,
  );
  for (const { reference, written } of examples) {
    result(io, `\n  said:    ${reference}\n  written: ${written}`);
  }
}
