import { join } from "node:path";
import { workspaceRoot } from "./workspace-root.js";

/**
 * Where results go that nobody named a place for: `runs/` at the root of the
 * workspace that a module lies in, or in the current folder where it was installed.
 *
 * @param module the asking module's `import.meta.url`.
 */
export function runsFolder(module: string, cwd: string): string {
  return join(workspaceRoot(module) ?? cwd, "runs");
}
