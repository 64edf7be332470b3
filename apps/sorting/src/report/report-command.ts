import { resolve } from "node:path";
import { type CommandCall, result } from "@infinite-former/command-line";
import { readCells } from "../results/results-folder.js";
import { writeReport } from "./write-report.js";

/** `sorting report DIR`: the report over all finished cells of a folder. */
export async function reportCommand({ io }: CommandCall, path: string): Promise<number> {
  const directory = resolve(io.cwd, path);
  const { report } = await writeReport(directory, await readCells(directory));
  result(io, `report: ${report}`);
  return 0;
}
