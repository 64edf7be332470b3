import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { DatasetError } from "./errors.js";

/** All layouts, as settings name them. */
export const corpusLayouts = ["text", "jsonl", "wikitext", "pg19"] as const;

/** How the files of a corpus lie. */
export type CorpusLayout = (typeof corpusLayouts)[number];

/** The files of a corpus by split, each list in order. */
export interface CorpusFiles {
  readonly layout: CorpusLayout;
  readonly train: readonly string[];
  /** `null` where the corpus has no such split: a share of the training text validates then. */
  readonly valid: readonly string[] | null;
  readonly test: readonly string[] | null;
}

/**
 * Finds a corpus's files.
 *
 * - `text`: a file, or a folder of `.txt` files, each a document;
 * - `jsonl`: a file, or a folder of `.jsonl` files, a document a line;
 * - `wikitext`: a folder with `wiki.train.tokens`, `wiki.valid.tokens` and, if
 *   it is there, `wiki.test.tokens`;
 * - `pg19`: folders `train`, `validation` and, if it is there, `test` of `.txt`
 *   files, a book a file.
 *
 * @param layout told from the files where it is `auto`.
 * @throws {DatasetError} `ERR_DATASET` with `file`: nothing there, a layout
 *   that is not that (naming what is missing), or a split without files.
 */
export async function corpusFiles(
  path: string,
  layout: CorpusLayout | "auto" = "auto",
): Promise<CorpusFiles> {
  const entry = await statOf(path);
  if (entry === null) throw fault(path, "must be a file or folder: no such file");
  if (!entry.isDirectory()) {
    const found = layout === "auto" ? formatOf(path) : layout;
    if (found === "text" || found === "jsonl") return single(found, [path]);
    throw fault(path, `must be a folder in the layout ${found}, got a file`);
  }
  const names = await readdir(path);
  const found = layout === "auto" ? layoutOf(names) : layout;
  if (found === "wikitext") return wikitext(path, names);
  if (found === "pg19") return pg19(path, names);
  return single(found, await filesOf(path, found === "jsonl" ? ".jsonl" : ".txt"));
}

/** What a single file holds, told from its name: JSONL where that ends in `.jsonl`, else a text. */
export function formatOf(path: string): "text" | "jsonl" {
  return extname(path) === ".jsonl" ? "jsonl" : "text";
}

/** Folders of PG-19's splits, the third under either of its names. */
const bookFolders: readonly string[] = ["train", "test", "validation", "valid"];

function layoutOf(names: readonly string[]): CorpusLayout {
  if (names.some((name) => /^wiki\.(train|valid|test)\.tokens$/.test(name))) return "wikitext";
  if (names.includes("train") && (names.includes("validation") || names.includes("valid"))) return "pg19";
  if (names.some((name) => name.endsWith(".jsonl"))) return "jsonl";
  const texts = names.some((name) => name.endsWith(".txt"));
  return !texts && names.some((name) => bookFolders.includes(name)) ? "pg19" : "text";
}

function single(layout: CorpusLayout, train: readonly string[]): CorpusFiles {
  return { layout, train, valid: null, test: null };
}

function wikitext(path: string, names: readonly string[]): CorpusFiles {
  const file = (split: string): string => `wiki.${split}.tokens`;
  const missing = ["train", "valid"].map(file).filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw fault(path, `must hold ${missing.join(" and ")} as WikiText does, got none of that name`);
  const test = names.includes(file("test")) ? [join(path, file("test"))] : null;
  return { layout: "wikitext", train: [join(path, file("train"))], valid: [join(path, file("valid"))], test };
}

async function pg19(path: string, names: readonly string[]): Promise<CorpusFiles> {
  const valid = names.includes("valid") && !names.includes("validation") ? "valid" : "validation";
  const missing = ["train", valid].filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const there = bookFolders.filter((name) => names.includes(name)).join(" and ");
    const got = `no ${missing.join(", no ")}`;
    throw fault(
      path,
      `must have folders train and validation as PG-19 does, got ${there === "" ? got : `${there} but ${got}`}`,
    );
  }
  return {
    layout: "pg19",
    train: await filesOf(join(path, "train"), ".txt"),
    valid: await filesOf(join(path, valid), ".txt"),
    test: names.includes("test") ? await filesOf(join(path, "test"), ".txt") : null,
  };
}

/** Files of a folder with an extension, by name; at least one. */
async function filesOf(folder: string, extension: string): Promise<string[]> {
  const entry = await statOf(folder);
  if (!entry?.isDirectory()) throw fault(folder, `must be a folder of ${extension} files`);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((one) => !one.isDirectory() && one.name.endsWith(extension))
    .map((one) => one.name)
    .sort((a, b) => (a < b ? -1 : 1));
  if (names.length === 0) throw fault(folder, `must hold ${extension} files, got none`);
  return names.map((name) => join(folder, name));
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fault(path, `must be readable: ${(error as Error).message}`, error);
  }
}

function fault(path: string, what: string, cause?: unknown): DatasetError {
  return new DatasetError(`corpus: ${path} ${what}`, {
    file: path,
    ...(cause === undefined ? {} : { cause }),
  });
}
