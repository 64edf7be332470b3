import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import {
  type CommandCall,
  type CommonOptions,
  errorCode,
  listenForStops,
  lockRun,
  notice,
  type RunLock,
  stopCode,
  takeBackend,
} from "@infinite-former/command-line";
import { unfinishedFolder } from "../results/results-folder.js";
import { runCell } from "../train/run-cell.js";
import { type CellMessage, planFileName } from "./cell-messages.js";
import type { PlannedCell } from "./run-grid.js";

/**
 * How long a cell waits for another process that computes it: it may be about
 * to end, since the run that started it was killed.
 */
const patienceSeconds = 60;

/**
 * `sorting cell DIR NAME`: one cell in this process, as its `cell.json` says.
 * The grid starts one such process a cell, so that each has its own memory to
 * be measured; it tells its parent how it goes, and ends where that dies.
 *
 * @returns 0 when the cell is finished; 130 or 143 when stopped after saving.
 */
export async function cellCommand(
  { io }: CommandCall,
  directory: string,
  name: string,
  options: CommonOptions,
): Promise<number> {
  const stops = listenForStops(() => undefined);
  const abandoned = (): never => process.exit(1);
  process.once("disconnect", abandoned);
  const tell = (message: CellMessage): void => {
    if (process.send !== undefined) process.send(message);
    else if ("notice" in message) notice(io, message.notice);
  };
  const folder = unfinishedFolder(directory, name);
  const lock = await lockPatiently(folder, stops.signal, (line) => tell({ notice: line }));
  try {
    const { plan, command } = JSON.parse(await readFile(join(folder, planFileName), "utf8")) as PlannedCell;
    const backend = await takeBackend(io, options.backend);
    const finished = await runCell({
      plan,
      directory,
      backend,
      command,
      signal: stops.signal,
      onProgress: (progress) => tell({ progress }),
      onNotice: (line) => tell({ notice: line }),
    });
    return finished ? 0 : stopCode(stops.signal);
  } finally {
    await lock.release();
    stops.dispose();
    process.off("disconnect", abandoned);
    if (process.connected) process.disconnect();
  }
}

/** @throws {UsageError} `ERR_USAGE` naming the pid of the other process where patience ends. */
async function lockPatiently(
  folder: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<RunLock> {
  for (let second = 0; ; second++) {
    try {
      return await lockRun(folder);
    } catch (error) {
      if (errorCode(error) !== "ERR_USAGE" || second >= patienceSeconds || signal.aborted) throw error;
      if (second === 0) say(`waiting for up to ${patienceSeconds} s: ${(error as Error).message}`);
    }
    await setTimeout(1000);
  }
}
