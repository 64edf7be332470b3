import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { unpackTar } from "modern-tar";
import { DatasetError } from "../errors.js";
import { type CmuDogFile, mostBytes } from "./cmu-dog.js";

/** The part of a name from the data set's own folders on. */
const inDataSet = /(?:^|\/)((?:Conversations\/(?:train|valid|test)|WikiData)\/[^/]+\.json)$/;

/**
 * The data set's files in a tar archive, compressed by gzip or not; untrusted.
 * Links, and files of other names, are passed over.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file`: bytes that are no such
 *   archive, one that is cut off or damaged, or holds more than 256 MiB.
 */
export async function archiveFiles(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<CmuDogFile[]> {
  const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzipped(path, bytes) : bytes;
  try {
    const entries = await unpackTar(tar, {
      strict: true,
      filter: ({ name, type }) => type === "file" && inDataSet.test(name),
    });
    return entries.map(({ header: { name }, data = new Uint8Array() }) => ({
      name: inDataSet.exec(name)?.[1] as string,
      file: `${path}: ${name}`,
      bytes: data,
    }));
  } catch (cause) {
    throw fault(path, `must be a whole .tar.gz or .tar: ${(cause as Error).message}`, cause);
  }
}

async function unzipped(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: mostBytes });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw code === "ERR_BUFFER_TOO_LARGE"
      ? fault(path, `must hold at most ${mostBytes} bytes, got more`, cause)
      : fault(path, `must be a whole .tar.gz: ${message}`, cause);
  }
}

function fault(path: string, what: string, cause: unknown): DatasetError {
  return new DatasetError(`cmuDog: ${path} ${what}`, { file: path, cause });
}
