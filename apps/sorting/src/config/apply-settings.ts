import {
  type ConfigFault,
  ConfigFaultsError,
  didYouMean,
  splitAssignment,
  valueLike,
} from "@infinite-former/command-line";
import type { ModelName } from "../models/names.js";
import type { CellConfig } from "./cell-config.js";
import { resolveCell, valueAt } from "./resolve-cell.js";

/**
 * A cell's complete configuration: the preset's, with what `--set` changes.
 *
 * Every setting of the model can be changed, also those that the preset leaves
 * to their defaults.
 *
 * @param preset may leave out settings of the model that have defaults.
 * @param assignments as in `model.longTerm.basisCount=128`.
 * @throws {ConfigFaultsError} `ERR_CONFIG` naming unknown paths; or what {@link resolveCell} throws.
 */
export function applySettings(
  name: ModelName,
  preset: CellConfig,
  assignments: readonly string[],
): CellConfig {
  const complete = resolveCell(name, preset);
  const changed = structuredClone(preset);
  const faults: ConfigFault[] = [];
  for (const assignment of assignments) {
    const split = splitAssignment(assignment);
    if ("message" in split) {
      faults.push(split);
      continue;
    }
    const { path, text } = split;
    const present = valueAt(complete, path);
    if (present === undefined || isSection(present)) {
      const meant = didYouMean(path, settingPaths(complete));
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      faults.push({ path, message: `${name} has no such setting${hint}` });
      continue;
    }
    setAt(changed, path, valueLike(text, present));
  }
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  return resolveCell(name, changed);
}

/** Paths of every value of a configuration. */
export function settingPaths(tree: object, above = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = above + key;
    return isSection(value) ? settingPaths(value, `${path}.`) : [path];
  });
}

function isSection(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setAt(tree: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  let node = tree as Record<string, unknown>;
  for (const key of keys) {
    node[key] ??= {};
    node = node[key] as Record<string, unknown>;
  }
  node[last] = value;
}
