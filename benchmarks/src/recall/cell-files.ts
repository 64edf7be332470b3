import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, systemReason, UsageError, writeFileAtomically } from "@infinite-former/command-line";
import { type RecallModelName, recallModels } from "./model-names.js";
import type { RecallCell } from "./recall-cell.js";

/** Which cell of a folder. */
export interface CellKey {
  readonly model: RecallModelName;
  readonly variant?: string | null | undefined;
  readonly seed: number;
}

/** Name of a cell's file. */
export function cellFile({ model, variant, seed }: CellKey): string {
  return `${model}${variant ? `.${variant}` : ""}-${seed}.json`;
}

/** Writes a finished cell, whole or not at all. */
export async function writeRecallCell(directory: string, cell: RecallCell): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFileAtomically(join(directory, cellFile(cell)), `${JSON.stringify(cell, null, 2)}\n`);
}

/** A finished cell, or `null` where there is none. @throws {UsageError} `ERR_USAGE` naming a file that is none. */
export async function readRecallCell(directory: string, cell: CellKey): Promise<RecallCell | null> {
  const file = join(directory, cellFile(cell));
  try {
    return parse(file, await readFile(file, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * All finished cells of a folder, by model, variant and seed.
 *
 * @throws {UsageError} `ERR_USAGE` where there are none, or a file is none.
 */
export async function readRecallCells(directory: string): Promise<RecallCell[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw new UsageError(`${directory}: ${systemReason(error)}`);
  }
  const files = names.filter((name) => /^[\w.-]+-\d+\.json$/.test(name));
  if (files.length === 0) throw new UsageError(`${directory}: holds no finished cell (MODEL-SEED.json)`);
  const cells = await Promise.all(
    files.map(async (name) => {
      const file = join(directory, name);
      return parse(file, await readFile(file, "utf8"));
    }),
  );
  const rank = ({ model }: RecallCell): number => recallModels.indexOf(model);
  const order = (a: RecallCell, b: RecallCell): number => compare(a.variant ?? "", b.variant ?? "");
  return cells.sort((a, b) => rank(a) - rank(b) || order(a, b) || a.seed - b.seed);
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function parse(file: string, text: string): RecallCell {
  let cell: Partial<RecallCell>;
  try {
    cell = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: cannot be parsed: ${(error as Error).message}`);
  }
  const { model, seed, scores } = cell ?? {};
  const whole = model !== undefined && recallModels.includes(model) && Array.isArray(scores);
  if (!whole || !Number.isSafeInteger(seed)) throw new UsageError(`${file}: is no cell of the recall probe`);
  return cell as RecallCell;
}
