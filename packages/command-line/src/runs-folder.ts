import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Where results go that nobody named a place for: `runs/` at the root of the
 * workspace that a module lies in, or in the current folder where it was installed.
 *
 * @param module the asking module's `import.meta.url`.
 */
export function runsFolder(module: string, cwd: string): string {
  let folder = dirname(fileURLToPath(module));
  for (;;) {
    if (existsSync(join(folder, "pnpm-workspace.yaml"))) return join(folder, "runs");
    const parent = dirname(folder);
    if (parent === folder || folder.endsWith("node_modules")) return join(cwd, "runs");
    folder = parent;
  }
}
