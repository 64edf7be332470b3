import { settingAt, settingPaths, shown } from "@infinite-former/command-line";
import type { CellConfig } from "./cell-config.js";

/** One line for each setting of which two configurations have different values: `  training.steps: 600 → 900`. */
export function configDifferences(before: CellConfig, after: CellConfig): string[] {
  const paths = new Set([...settingPaths(before), ...settingPaths(after)]);
  return [...paths].flatMap((path) => {
    const [was, is] = [settingAt(before, path), settingAt(after, path)].map(shown);
    return was === is ? [] : [`  ${path}: ${was} → ${is}`];
  });
}
