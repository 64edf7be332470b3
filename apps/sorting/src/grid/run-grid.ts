import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  errorCode,
  type Io,
  notice,
  startProgress,
  UsageError,
  writeFileAtomically,
} from "@infinite-former/command-line";
import type { CellConfig } from "../config/cell-config.js";
import { configDifferences } from "../config/differences.js";
import { type CellPlan, cellName } from "../config/grid.js";
import { readCell, unfinishedFolder } from "../results/results-folder.js";
import type { CellProgress } from "../train/run-cell.js";
import { planFileName } from "./cell-messages.js";
import { startCell } from "./cell-process.js";

/** What a cell's process is told. JSON. */
export interface PlannedCell {
  readonly plan: CellPlan;
  readonly command: string;
}

/** A grid to be computed. */
export interface GridRun {
  readonly io: Io;
  readonly cells: readonly CellPlan[];
  readonly directory: string;
  /** Whether finished and begun cells of this folder are taken over. */
  readonly resume: boolean;
  /** Name of the backend, as given. */
  readonly backend: string;
  readonly command: string;
  readonly signal: AbortSignal;
}

/** How a grid ended. */
export interface GridOutcome {
  /** Cells that are finished, those of earlier runs included. */
  readonly finished: number;
  /** Names of cells whose process failed. */
  readonly failed: readonly string[];
}

/** Work of one cell, in segments of one sequence: what progress is counted in. */
function workOf({ length, config }: CellPlan, done: Pick<CellProgress, "step" | "scored">): number {
  const segments = Math.ceil(length / (config.model["segmentLength"] as number));
  const { training, evaluation } = config;
  return Math.round(segments * (done.step * training.batchSize + done.scored * evaluation.sequences));
}

function wholeWork(plans: readonly CellPlan[]): number {
  return plans.reduce((sum, plan) => sum + workOf(plan, { step: plan.config.training.steps, scored: 1 }), 0);
}

/**
 * Computes the cells of a grid one after the other, each in a process of its
 * own. A cell that fails does not stop the others; a stop does.
 *
 * @throws {UsageError} `ERR_USAGE` where the folder holds cells already and
 *   nothing was said of resuming, or holds them with other settings.
 */
export async function runGrid(run: GridRun): Promise<GridOutcome> {
  const { io, cells, directory, signal } = run;
  const states = await Promise.all(cells.map((plan) => stateOf(run, plan)));
  refuseIfBegun(run, states);
  const total = wholeWork(cells);
  let before = wholeWork(cells.filter((_, index) => states[index] === "finished"));
  const progress = startProgress(io, { label: "sorting", unit: "segments", total, done: before });
  const said = new Set<string>();
  const say = (line: string): void => {
    if (said.has(line)) return; // every cell's process names its backend
    said.add(line);
    progress.pause();
    notice(io, line);
  };
  const failed: string[] = [];
  let finished = states.filter((state) => state === "finished").length;
  for (const [index, plan] of cells.entries()) {
    if (states[index] === "finished") continue;
    if (signal.aborted) break;
    const name = cellName(plan);
    await preparePlan(run, plan);
    const end = await startCell({
      directory,
      name,
      backend: run.backend,
      signal,
      onNotice: say,
      onProgress: (done) => {
        const place = `${index + 1}/${cells.length} ${name} ${done.step}/${plan.config.training.steps}`;
        progress.update(before + workOf(plan, done), [place, done.remark].filter(Boolean).join(" · "));
      },
    });
    if (end === "finished") {
      finished++;
      const cell = await readCell(directory, name);
      say(`${name}: accuracy ${cell?.accuracy.toFixed(4)}, ${cell?.secondsPerStep.toFixed(3)} s a step`);
    } else if (end === "failed") {
      failed.push(name);
    }
    before += wholeWork([plan]);
  }
  progress.stop();
  return { finished, failed };
}

type CellState = "new" | "begun" | "finished";

/** Where a cell stands. @throws {UsageError} `ERR_USAGE` where it was made or begun with other settings. */
async function stateOf({ directory }: GridRun, plan: CellPlan): Promise<CellState> {
  const name = cellName(plan);
  const cell = await readCell(directory, name);
  if (cell !== null) {
    refuseOther(join(directory, `${name}.json`), cell.config, plan);
    return "finished";
  }
  const file = join(unfinishedFolder(directory, name), planFileName);
  try {
    const begun = JSON.parse(await readFile(file, "utf8")) as PlannedCell;
    refuseOther(file, begun.plan.config, plan);
    return "begun";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "new";
    throw error;
  }
}

function refuseOther(file: string, before: CellConfig, { config }: CellPlan): void {
  const differences = configDifferences(before, config);
  if (differences.length === 0) return;
  throw new UsageError(
    `${file}: was made with other settings:\n${differences.join("\n")}\n  give another --variant or --out`,
  );
}

function refuseIfBegun({ resume, directory, cells }: GridRun, states: readonly CellState[]): void {
  const there = states.filter((state) => state !== "new").length;
  if (resume || there === 0) return;
  throw new UsageError(
    `${directory}: holds ${there} of these ${cells.length} cells, finished or begun; go on with --resume, or give another --out`,
  );
}

/** Writes what the process of a cell is told, unless an earlier run did. */
async function preparePlan({ directory, command }: GridRun, plan: CellPlan): Promise<void> {
  const folder = unfinishedFolder(directory, cellName(plan));
  await mkdir(folder, { recursive: true });
  const planned: PlannedCell = { plan, command };
  await writeFileAtomically(join(folder, planFileName), `${JSON.stringify(planned, null, 2)}\n`);
}
