import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatasetError } from "../errors.js";
import { readLimited } from "../read-limited.js";
import { archiveFiles } from "./archive-files.js";
import { type CmuDog, type CmuDogFile, cmuDogFolders, cmuDogFromFiles, mostBytes } from "./cmu-dog.js";

/** Hundreds of times the largest there is. */
const mostFileBytes = 16 * 2 ** 20;

/**
 * Reads CMU-DoG: its folder, with `Conversations/{train,valid,test}/*.json`
 * and `WikiData/*.json`, or a `.tar.gz` or `.tar` of it, in which those folders
 * may lie deeper. Nothing is unpacked to disk. The same files give the same
 * value either way.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`, and `offset` or `field`
 *   where there is one: what `cmuDogFromFiles` refuses, nothing there, a file
 *   that can't be read or is too large, an archive that is cut off, damaged or
 *   none.
 * @example
 * const { train, documents } = await readCmuDog("cmu-dog.tar.gz");
 * documents.get(train[0].document).film;
 */
export async function readCmuDog(path: string): Promise<CmuDog> {
  const files = (await isFolder(path)) ? await folderFiles(path) : await readArchive(path);
  return cmuDogFromFiles(path, files);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : message;
    throw new DatasetError(`cmuDog: ${path} must be a folder or archive: ${reason}`, { file: path, cause });
  }
}

async function folderFiles(path: string): Promise<CmuDogFile[]> {
  const files: CmuDogFile[] = [];
  let total = 0;
  for (const folder of cmuDogFolders) {
    for (const name of await jsonNames(join(path, folder))) {
      const file = join(path, folder, name);
      const bytes = await readLimited(file, {
        where: "cmuDog",
        kind: "file",
        maxBytes: mostFileBytes,
        reason: "far more than any of the data set",
        remedy: "is it one of its files?",
      });
      files.push({ name: `${folder}/${name}`, file, bytes });
      total += bytes.length;
      if (total > mostBytes) {
        throw new DatasetError(`cmuDog: ${path} must hold at most ${mostBytes} bytes, got more`, {
          file: path,
        });
      }
    }
  }
  return files;
}

/** Names of the folder's `.json` files; none where there is no such folder. */
async function jsonNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new DatasetError(`cmuDog: ${folder} must be a readable folder: ${message}`, {
      file: folder,
      cause,
    });
  }
}

async function readArchive(path: string): Promise<CmuDogFile[]> {
  const bytes = await readLimited(path, {
    where: "cmuDog",
    kind: "file",
    maxBytes: mostBytes,
    reason: "since archives are held in memory whole",
    remedy: "is it an archive of the data set?",
  });
  return archiveFiles(path, bytes);
}
