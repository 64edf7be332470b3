import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The root of the workspace that a module lies in; `null` where it was installed.
 *
 * @param module its `import.meta.url`.
 */
export function workspaceRoot(module: string): string | null {
  let folder = dirname(fileURLToPath(module));
  for (;;) {
    if (existsSync(join(folder, "pnpm-workspace.yaml"))) return folder;
    const parent = dirname(folder);
    if (parent === folder || folder.endsWith("node_modules")) return null;
    folder = parent;
  }
}
