import { join } from "node:path";
import {
  type ActiveBackend,
  describeMachine,
  describeVersions,
  forecast,
  savingCheckpoint,
} from "@infinite-former/command-line";
import { findNewestCheckpoint } from "@infinite-former/training/node";
import { type CellPlan, cellName } from "../config/grid.js";
import { dataSha256 } from "../data/sorting-data.js";
import { modelKinds } from "../models/kinds.js";
import { countingAccuracy, guessingAccuracy, visibleFrom } from "../oracle/counting.js";
import type { CellResult } from "../results/cell-result.js";
import { unfinishedFolder, writeCell } from "../results/results-folder.js";
import { sortingVersion } from "../version.js";
import { CellSession } from "./cell-session.js";
import type { Score } from "./score.js";

/** Where a cell under way stands. */
export interface CellProgress {
  /** Updates done. */
  readonly step: number;
  /** Share of the held-out sequences that is scored. */
  readonly scored: number;
  /** What is known so far, as in `accuracy .41`. */
  readonly remark: string;
}

/** What a cell is computed with. */
export interface CellRun {
  readonly plan: CellPlan;
  /** Folder of the results. */
  readonly directory: string;
  readonly backend: ActiveBackend;
  /** The command as typed, for the record. */
  readonly command: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CellProgress) => void;
  /** Told in whole lines: what was resumed, how long it will take. */
  readonly onNotice: (line: string) => void;
}

/**
 * Trains one cell to its end, or until the signal asks to stop, scores it and
 * writes its file. Goes on from its newest whole checkpoint; stopped early, it
 * saves where it stands. However often it is stopped or killed, the figures
 * are those of a run in one piece (times and memory aside).
 *
 * @returns whether the cell is finished.
 * @throws {TrainingError} `ERR_TRAINING` where a checkpoint cannot be written;
 *   {NonFiniteError} `ERR_NON_FINITE` naming step and tensor.
 */
export async function runCell(run: CellRun): Promise<boolean> {
  const { plan, directory, backend, signal, onNotice } = run;
  const name = cellName(plan);
  const checkpoints = join(unfinishedFolder(directory, name), "checkpoints");
  const { newest, passedOver } = await findNewestCheckpoint(checkpoints);
  for (const { path, reason } of passedOver) onNotice(`${path} is passed over: ${reason}`);
  const session = await CellSession.open({
    plan,
    compile: backend.compile,
    signal,
    checkpoint: newest?.path ?? null,
  });
  const { steps } = plan.config.training;
  try {
    const start = session.progress.step;
    const from = start > 0 ? `going on from step ${start} of ${steps}` : `${steps} steps`;
    onNotice(`${name}: ${session.parameters} parameters, ${from}`);
    await train(run, session, checkpoints);
    if (session.progress.step < steps) return false;
    const score = await session.score((scored) =>
      run.onProgress({ step: steps, scored, remark: `scoring ${Math.round(100 * scored)} %` }),
    );
    if (score === null) return false;
    await writeCell(directory, name, await cellResult(run, session, score));
    return true;
  } finally {
    session.dispose();
  }
}

async function train(run: CellRun, session: CellSession, checkpoints: string): Promise<void> {
  const { plan, onProgress, onNotice } = run;
  const { steps, checkpointEvery } = plan.config.training;
  const start = session.progress.step;
  let saved = start;
  const foretell = forecast(steps);
  for await (const { step, seconds } of session.steps()) {
    const line = foretell(step, seconds);
    if (line !== null) onNotice(`${cellName(plan)}: ${line}`);
    const point = session.curve.points.at(-1);
    onProgress({
      step,
      scored: 0,
      remark: point === undefined ? "" : `accuracy ${point.accuracy.toFixed(3)}`,
    });
    if (step % checkpointEvery === 0 || step === steps) {
      await savingCheckpoint(() => session.save(checkpoints));
      saved = step;
    }
  }
  if (session.progress.step > saved) await savingCheckpoint(() => session.save(checkpoints));
}

async function cellResult(run: CellRun, session: CellSession, score: Score): Promise<CellResult> {
  const { plan, backend, command } = run;
  const { preset, model, variant, length, seed, config } = plan;
  const { steps, batchSize } = config.training;
  const { seconds } = session.progress;
  const { heldOut, train: task } = session.data;
  const reach = modelKinds[model].reach(config.model);
  const visible = visibleFrom(length, config.model["segmentLength"] as number, reach);
  const symbols = task.config.vocabularySize;
  return {
    preset,
    model,
    ...(variant === null ? {} : { variant }),
    length,
    seed,
    ...score,
    heldOutSequences: heldOut.length,
    parameters: session.parameters,
    steps,
    seconds,
    secondsPerStep: seconds / steps,
    peakRssBytes: session.peakRssBytes,
    dataSha256: await dataSha256(session.data, batchSize),
    baselines: {
      chance: 1 / symbols,
      unused: guessingAccuracy(symbols),
      countingVisible: countingAccuracy(heldOut, visible),
      countingAll: countingAccuracy(heldOut, () => 0),
    },
    curve: session.curve.points,
    config,
    versions: describeVersions(
      { name: "@infinite-former/sorting", version: sortingVersion() },
      backend.report,
    ),
    machine: describeMachine(),
    command,
  };
}
