import { isDeepStrictEqual } from "node:util";
import { isSection } from "./assign-settings.js";
import { shown } from "./faults.js";

/** A value that two trees of settings do not share; `undefined` where one has none. */
export interface SettingDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** @returns where two trees of settings differ, in the order of `before`, then what only `after` has. */
export function settingDifferences(before: object, after: object, above = ""): SettingDifference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [had, has] = [memberOf(before, key), memberOf(after, key)];
    const path = above + key;
    if (isSection(had) && isSection(has)) return settingDifferences(had, has, `${path}.`);
    return isDeepStrictEqual(had, has) ? [] : [{ path, before: had, after: has }];
  });
}

/** @returns one line a difference: `  model.layers: 4 → 2`. */
export function describeDifferences(differences: readonly SettingDifference[]): string {
  const word = (value: unknown): string => (value === undefined ? "none" : shown(value));
  return differences
    .map(({ path, before, after }) => `  ${path}: ${word(before)} → ${word(after)}`)
    .join("\n");
}

function memberOf(tree: object, key: string): unknown {
  return Object.hasOwn(tree, key) ? (tree as Record<string, unknown>)[key] : undefined;
}
