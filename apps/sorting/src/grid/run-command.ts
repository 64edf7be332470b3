import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type CommandCall,
  type CommonOptions,
  listenForStops,
  notice,
  result,
  resultJson,
  runsFolder,
  stopCode,
  TrainingError,
} from "@infinite-former/command-line";
import { type GridRequest, planGrid } from "../config/grid.js";
import { markdownTable, resultTable } from "../report/table.js";
import { writeReport } from "../report/write-report.js";
import { readCells } from "../results/results-folder.js";

import { runGrid } from "./run-grid.js";

/** Options of `sorting run`. */
export interface RunOptions extends CommonOptions, GridRequest {
  readonly out?: string;
  readonly resume?: boolean;
}

/**
 * `sorting run`: the cells of a preset, then the report over all cells of the folder.
 *
 * @returns 0 when all cells are finished; 130 or 143 when stopped after saving.
 */
export async function runCommand({ io, typed }: CommandCall, options: RunOptions): Promise<number> {
  const cells = planGrid(options);
  const resume = options.resume === true;
  const directory =
    options.out === undefined
      ? await defaultFolder(options.preset, io.cwd, resume)
      : resolve(io.cwd, options.out);
  const stops = listenForStops((signal) => {
    notice(io, `${signal}: finishing this step and saving; once more to end at once`);
  });
  try {
    const { signal } = stops;
    await mkdir(directory, { recursive: true });
    notice(io, `${directory}: ${cells.length} cells of preset ${options.preset}`);
    const run = { io, cells, directory, resume, backend: options.backend, command: typed, signal };
    const { finished, failed } = await runGrid(run);
    if (finished > 0) await tell({ io, typed }, directory, options.json === true);
    if (finished === cells.length) return 0;
    if (signal.aborted) {
      notice(io, `saved with ${finished} of ${cells.length} cells finished; go on with --resume`);
      return stopCode(signal);
    }
    throw new TrainingError(`${failed.length} of ${cells.length} cells failed: ${failed.join(", ")}`);
  } finally {
    stops.dispose();
  }
}

async function tell({ io }: CommandCall, directory: string, json: boolean): Promise<void> {
  const cells = await readCells(directory);
  const { report } = await writeReport(directory, cells);
  if (json) {
    resultJson(io, cells);
    return;
  }
  result(io, markdownTable(resultTable(cells)));
  result(io, `report: ${report}`);
}

/** `runs/sorting/PRESET`, or `PRESET-2` and so on: the first that is free, or the last that is not where a run is resumed. */
async function defaultFolder(preset: string, cwd: string, resume: boolean): Promise<string> {
  const parent = join(runsFolder(import.meta.url, cwd), "sorting");
  let last: string | null = null;
  for (let count = 1; ; count++) {
    const folder = join(parent, count === 1 ? preset : `${preset}-${count}`);
    if (!existsSync(folder) || (await readdir(folder)).length === 0) {
      return resume && last !== null ? last : folder;
    }
    last = folder;
  }
}
