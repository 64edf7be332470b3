import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, systemReason, UsageError, writeFileAtomically } from "@infinite-former/command-line";
import { modelNames } from "../models/names.js";
import { type CellResult, parseCell } from "./cell-result.js";

/** Where a cell lives until it is finished: its plan, its lock and its checkpoints. */
export function unfinishedFolder(directory: string, name: string): string {
  return join(directory, "unfinished", name);
}

/** A finished cell, or `null` where there is none. @throws {UsageError} `ERR_USAGE` where its file is damaged. */
export async function readCell(directory: string, name: string): Promise<CellResult | null> {
  const file = join(directory, `${name}.json`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new UsageError(`${file}: ${systemReason(error)}`);
  }
  const cell = parseCell(text);
  if ("fault" in cell) throw new UsageError(`${file}: ${cell.fault}`);
  return cell;
}

/** Writes a finished cell whole, then removes what it was made from. */
export async function writeCell(directory: string, name: string, cell: CellResult): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFileAtomically(join(directory, `${name}.json`), `${JSON.stringify(cell, null, 2)}\n`);
  await rm(unfinishedFolder(directory, name), { recursive: true, force: true });
}

/**
 * All finished cells of a folder: by model, variant, length and seed.
 *
 * @throws {UsageError} `ERR_USAGE` where there are none, or a file is no cell.
 */
export async function readCells(directory: string): Promise<CellResult[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw new UsageError(`${directory}: ${systemReason(error)}`);
  }
  const files = names.filter((name) => name.endsWith(".json") && !name.startsWith("."));
  const cells = await Promise.all(files.map((file) => readCell(directory, file.slice(0, -".json".length))));
  const found = cells.filter((cell) => cell !== null);
  if (found.length === 0)
    throw new UsageError(`${directory}: holds no finished cell (MODEL-LENGTH-SEED.json)`);
  return found.sort(compareCells);
}

/** The order of tables and figures. */
export function compareCells(a: CellResult, b: CellResult): number {
  return (
    modelNames.indexOf(a.model) - modelNames.indexOf(b.model) ||
    compareText(a.variant ?? "", b.variant ?? "") ||
    a.length - b.length ||
    a.seed - b.seed
  );
}

/** By code units, the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
