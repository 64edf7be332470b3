import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { dataFolder, dataVariable, UsageError } from "@infinite-former/command-line";
import type { CmuDog } from "@infinite-former/datasets";
import { readCmuDog } from "@infinite-former/datasets/node";

/**
 * CMU-DoG: where `--data` says, else `cmu-dog.tar.gz` in the folder of corpora.
 *
 * @throws {UsageError} `ERR_USAGE` where nothing says where it is; {DatasetError} `ERR_DATASET`
 *   naming file and place of what is wrong with it.
 */
export async function openData(
  given: string | undefined,
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CmuDog> {
  if (given !== undefined) return readCmuDog(resolve(cwd, given));
  const folder = dataFolder(import.meta.url, environment);
  if (folder === null) {
    throw new UsageError(
      `--data must be given: the folder of CMU-DoG or a .tar.gz of it (or ${dataVariable}, the folder that has cmu-dog.tar.gz)`,
    );
  }
  const archive = join(folder, "cmu-dog.tar.gz");
  if (!existsSync(archive)) {
    throw new UsageError(
      `${archive}: no such file; give CMU-DoG's folder or a .tar.gz of it with --data, or the folder that has cmu-dog.tar.gz as ${dataVariable}`,
    );
  }
  return readCmuDog(archive);
}
