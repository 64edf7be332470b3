import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { workspaceRoot } from "./workspace-root.js";

/** Environment variable that names the folder of corpora. */
export const dataVariable = "INFINITE_FORMER_DATA";

/**
 * The folder of corpora that no package may carry: what `INFINITE_FORMER_DATA`
 * names, else `shared/data` beside the workspace that a module lies in.
 *
 * @param module the asking module's `import.meta.url`.
 * @returns `null` where neither is there.
 */
export function dataFolder(
  module: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const named = environment[dataVariable];
  if (named !== undefined && named !== "") return resolve(named);
  const root = workspaceRoot(module);
  if (root === null) return null;
  const beside = join(root, "../shared/data");
  return existsSync(beside) ? beside : null;
}
