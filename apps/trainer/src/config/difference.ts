import { shown } from "@infinite-former/command-line";
import { settingValue } from "./resolve.js";
import { settingSchemas, type TrainerConfig } from "./schema.js";

/** A setting that two configurations have different values of. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** @returns the settings whose values differ, in the schema's order. */
export function differences(before: TrainerConfig, after: TrainerConfig): Difference[] {
  return [...settingSchemas.keys()].flatMap((path) => {
    const pair = { path, before: settingValue(before, path), after: settingValue(after, path) };
    return JSON.stringify(pair.before) === JSON.stringify(pair.after) ? [] : [pair];
  });
}

/** @returns one line a difference: `  model.layers: 4 → 2`. */
export function describeDifferences(list: readonly Difference[]): string {
  return list.map(({ path, before, after }) => `  ${path}: ${shown(before)} → ${shown(after)}`).join("\n");
}
