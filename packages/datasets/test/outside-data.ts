import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where corpora lie that are not part of the repository: `INFINITE_FORMER_DATA`, else `../shared/data` beside it. */
const folder =
  process.env["INFINITE_FORMER_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** A file of outside data, and why tests of it are skipped, where they are. */
export function outsideData(name: string): { readonly path: string; readonly missing: string | false } {
  const path = join(folder, name);
  return {
    path,
    missing: !existsSync(path) && `no ${name}: set INFINITE_FORMER_DATA to the folder that has it`,
  };
}
