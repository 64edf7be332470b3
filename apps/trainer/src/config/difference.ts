import type { SettingDifference } from "@infinite-former/command-line";
import { settingValue } from "./resolve.js";
import { settingSchemas, type TrainerConfig } from "./schema.js";

/** @returns the settings whose values differ, in the schema's order. */
export function differences(before: TrainerConfig, after: TrainerConfig): SettingDifference[] {
  return [...settingSchemas.keys()].flatMap((path) => {
    const pair = { path, before: settingValue(before, path), after: settingValue(after, path) };
    return JSON.stringify(pair.before) === JSON.stringify(pair.after) ? [] : [pair];
  });
}

/** Whether a difference is in how long a run takes alone: more steps, or steps in place of passes that were counted when it began. */
export function isLength({ path, after }: SettingDifference): boolean {
  return path === "training.steps" || (path === "training.epochs" && after === null);
}
