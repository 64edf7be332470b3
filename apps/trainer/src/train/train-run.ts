import { basename } from "node:path";
import {
  errorCode,
  forecast,
  type Io,
  notice,
  type Progress,
  savingCheckpoint,
  startProgress,
} from "@infinite-former/command-line";
import { checkpointSteps } from "@infinite-former/training/node";
import type { TrainerConfig } from "../config/schema.js";
import type { TokenName } from "../corpus/run-vocabulary.js";
import type { Evaluation } from "../evaluate-split.js";
import { renderReport } from "../report/report.js";
import { bestCheckpoint } from "../run/best-checkpoint.js";
import type { RunDirectory } from "../run/run-directory.js";
import type { TrainOutcome } from "./outcome.js";
import type { TrainingSession } from "./session.js";
import { emptyWindow, windowMeans } from "./window.js";

/** What a run is trained with. */
export interface TrainRun {
  readonly io: Io;
  readonly directory: RunDirectory;
  readonly session: TrainingSession;
  readonly config: TrainerConfig;
  readonly signal: AbortSignal;
  /** Checkpoints to keep: the newest, and beside them the best. */
  readonly keep: number;
  /** What a token is. */
  readonly token: TokenName;
}

/**
 * Trains a session to its end, or until the signal asks to stop: reports to
 * `metrics.jsonl`, evaluations, checkpoints, and at the end the last
 * checkpoint, the evaluation of the whole validation split, a sample and the
 * report. Stopped early, it saves where it stands.
 *
 * @throws {TrainingError} `ERR_TRAINING` where a checkpoint cannot be written;
 *   {NonFiniteError} `ERR_NON_FINITE` naming step and tensor. The last good
 *   checkpoint stays.
 */
export async function trainRun(run: TrainRun): Promise<TrainOutcome> {
  const { io, session, config, signal } = run;
  const { training } = config;
  let saved = session.progress.step;
  const progress = startProgress(io, {
    label: "train",
    unit: "steps",
    total: training.steps,
    done: session.progress.step,
  });
  try {
    await evaluateOnTheWay(run, progress, session.progress.step);
    const foretell = forecast(training.steps);
    for await (const report of session.steps()) {
      const { step } = report;
      const last = step === training.steps;
      const line = foretell(step, report.seconds);
      if (line !== null) {
        progress.pause();
        notice(io, line);
      }
      if (report.skipped) {
        progress.pause();
        notice(
          io,
          `step ${step}: loss or gradient is not finite; update left out (${session.skipped} so far)`,
        );
      }
      progress.update(step, `loss ${(report.metrics["tokenLoss"] ?? report.loss).toFixed(3)}`);
      if (step % training.logEvery === 0 || last) await reportWindow(run);
      if (!last) await evaluateOnTheWay(run, progress, step);
      if (!last && training.checkpointEvery > 0 && step % training.checkpointEvery === 0) {
        await save(run);
        saved = step;
      }
    }
    progress.stop();
    if (session.progress.step > saved) await save(run);
    const outcome = await finish(run);
    if (signal.aborted && !outcome.finished) notice(io, `saved at step ${outcome.step} of ${training.steps}`);
    return outcome;
  } catch (error) {
    progress.stop();
    throw explained(error, saved);
  }
}

async function reportWindow({ directory, session }: TrainRun): Promise<void> {
  const { step, tokens, seconds } = session.progress;
  if (session.window.steps > 0) {
    const { loss, penalty, gradientNorm, tokensPerSecond } = windowMeans(session.window);
    await directory.appendMetrics({
      step,
      tokens,
      seconds,
      loss,
      lr: session.learningRate,
      tokensPerSecond,
      split: "train",
      gradientNorm,
      ...(penalty > 0 ? { penalty } : {}),
      ...(session.skipped > 0 ? { skipped: session.skipped } : {}),
    });
  }
  session.window = emptyWindow;
}

/** The evaluation that is due after a step, if one is and it was not made before the run was stopped. */
async function evaluateOnTheWay(run: TrainRun, progress: Progress, step: number): Promise<void> {
  const { io, session, config, directory, token } = run;
  const { evaluateEvery, evaluateTokens, sampleLength, steps } = config.training;
  if (evaluateEvery === 0 || step === 0 || step >= steps || step % evaluateEvery !== 0) return;
  const lines = await directory.readMetrics();
  if (lines.some((line) => line.split === "valid" && line.step === step)) return;
  const evaluation = await session.evaluate({ limit: evaluateTokens });
  if (evaluation === null) return;
  await reportValidation(run, evaluation, sampleLength > 0 ? await session.sample(sampleLength) : null);
  progress.pause();
  const part = evaluation.whole ? "" : ` (on ${evaluation.tokens} ${token}s of it)`;
  notice(io, `step ${step}: validation loss ${evaluation.loss.toFixed(4)}${part}`);
}

async function reportValidation(run: TrainRun, evaluation: Evaluation, sample: string | null): Promise<void> {
  const { step, tokens, seconds } = run.session.progress;
  await run.directory.appendMetrics({
    step,
    tokens,
    seconds,
    loss: evaluation.loss,
    lr: run.session.learningRate,
    tokensPerSecond: evaluation.tokens / evaluation.seconds,
    split: "valid",
    ...(evaluation.whole ? {} : { evaluatedTokens: evaluation.tokens }),
    ...(sample === null ? {} : { sample }),
  });
}

async function save({ directory, session, keep }: TrainRun): Promise<void> {
  await savingCheckpoint(async () => {
    const steps = [session.progress.step, ...(await checkpointSteps(directory.checkpoints))];
    const best = bestCheckpoint(await directory.readMetrics(), steps);
    await session.save(directory.checkpoints, { keep, best });
  });
}

/** After the last step: the whole validation split and a sample, unless they are there; then the report. */
async function finish(run: TrainRun): Promise<TrainOutcome> {
  const { io, directory, session, config } = run;
  const { step, seconds } = session.progress;
  const { steps, sampleLength } = config.training;
  const isLast = (line: { split: string; step: number; evaluatedTokens?: number }): boolean =>
    line.split === "valid" && line.step === step && line.evaluatedTokens === undefined;
  if (step >= steps && !(await directory.readMetrics()).some(isLast)) {
    let progress: Progress | undefined;
    const evaluation = await session.evaluate({
      onProgress: (done, total) => {
        progress ??= startProgress(io, { label: "validate", unit: "batches", total });
        progress.update(done);
      },
    });
    progress?.stop();
    if (evaluation !== null) {
      await reportValidation(run, evaluation, sampleLength > 0 ? await session.sample(sampleLength) : null);
    }
  }
  const metrics = await directory.readMetrics();
  const stored = await directory.readConfig();
  await directory.writeReport(
    await renderReport({ name: basename(directory.path), config: stored, metrics }),
  );
  const final = step >= steps ? metrics.filter(isLast).at(-1) : undefined;
  return {
    run: directory.path,
    step,
    steps,
    finished: final !== undefined,
    loss: final?.loss ?? null,
    token: run.token,
    bitsPerCharacter: final === undefined || run.token !== "character" ? null : final.loss / Math.LN2,
    perplexity: final === undefined ? null : Math.exp(final.loss),
    seconds,
    sample: final?.sample ?? null,
    report: directory.report,
  };
}

/** An error with where the last good state is. */
function explained(error: unknown, saved: number): unknown {
  if (!(error instanceof Error) || !["ERR_NON_FINITE", "ERR_TRAINING"].includes(errorCode(error) ?? "")) {
    return error;
  }
  const kept = saved > 0 ? `the checkpoint of step ${saved} is kept` : "there is no checkpoint yet";
  error.message = `${error.message}\n  ${kept}`;
  return error;
}
