import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  type CommandCall,
  type CommonOptions,
  listenForStops,
  lockRun,
  notice,
  stopCode,
  takeBackend,
} from "@infinite-former/command-line";
import { unfinishedFolder } from "../results/results-folder.js";
import { runCell } from "../train/run-cell.js";
import { type CellMessage, planFileName } from "./cell-messages.js";
import type { PlannedCell } from "./run-grid.js";

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
  const lock = await lockRun(folder);
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
