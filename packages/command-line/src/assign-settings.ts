import { splitAssignment, valueLike } from "./assignment.js";
import { type ConfigFault, ConfigFaultsError, didYouMean } from "./faults.js";

/**
 * Settings changed as `--set path=value` says. What may be set are the values
 * of `complete`, which also tell numbers, flags and lists from text.
 *
 * @param settings may leave out what has a default; borrowed.
 * @param complete the same with every default filled in.
 * @param owner whose settings they are, for the message.
 * @returns a new tree.
 * @throws {ConfigFaultsError} `ERR_CONFIG` naming every path that there is not.
 */
export function assignSettings<T extends object>(
  settings: T,
  complete: object,
  assignments: readonly string[],
  owner: string,
): T {
  const changed = structuredClone(settings);
  const faults: ConfigFault[] = [];
  for (const assignment of assignments) {
    const split = splitAssignment(assignment);
    if ("message" in split) {
      faults.push(split);
      continue;
    }
    const { path, text } = split;
    const present = settingAt(complete, path);
    if (present === undefined || isSection(present)) {
      const meant = didYouMean(path, settingPaths(complete));
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      faults.push({ path, message: `${owner} has no such setting${hint}` });
      continue;
    }
    setAt(changed, path, valueLike(text, present));
  }
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  return changed;
}

/** Paths of every value of a tree of settings, as in `model.longTerm.basisCount`. */
export function settingPaths(tree: object, above = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = above + key;
    return isSection(value) ? settingPaths(value, `${path}.`) : [path];
  });
}

/** The value under a path; `undefined` where there is none. */
export function settingAt(tree: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((node, key) => {
    const inside = typeof node === "object" && node !== null && Object.hasOwn(node, key);
    return inside ? (node as Record<string, unknown>)[key] : undefined;
  }, tree);
}

/** Whether a value of a tree of settings has settings in it. */
export function isSection(value: unknown): value is object {
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
