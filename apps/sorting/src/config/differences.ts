import { shown } from "@infinite-former/command-line";
import { settingPaths } from "./apply-settings.js";
import type { CellConfig } from "./cell-config.js";
import { valueAt } from "./resolve-cell.js";

/** One line for each setting of which two configurations have different values: `  training.steps: 600 → 900`. */
export function configDifferences(before: CellConfig, after: CellConfig): string[] {
  const paths = new Set([...settingPaths(before), ...settingPaths(after)]);
  return [...paths].flatMap((path) => {
    const [was, is] = [valueAt(before, path), valueAt(after, path)].map(shown);
    return was === is ? [] : [`  ${path}: ${was} → ${is}`];
  });
}
