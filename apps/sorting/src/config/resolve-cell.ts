import { type ConfigFault, ConfigFaultsError, shown } from "@infinite-former/command-line";
import { modelKinds } from "../models/kinds.js";
import type { ModelName } from "../models/names.js";
import { type CellConfig, sectionSchemas } from "./cell-config.js";

/**
 * Fills in every default of a cell's model and checks all settings.
 *
 * @throws {ConfigFaultsError} `ERR_CONFIG` with every fault of training and
 *   evaluation; {ConfigError} `ERR_CONFIG` with the first of the model.
 */
export function resolveCell(name: ModelName, config: CellConfig): CellConfig {
  const faults: ConfigFault[] = [];
  for (const section of ["training", "evaluation"] as const) {
    const checked = sectionSchemas[section].safeParse(config[section]);
    for (const issue of checked.error?.issues ?? []) {
      const path = [section, ...issue.path].join(".");
      faults.push({ path, message: `${issue.message}, got ${shown(valueAt(config, path))}` });
    }
  }
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  return { ...config, model: modelKinds[name].resolve(config.model) };
}

/** The value under a path like `model.longTerm.basisCount`; `undefined` where there is none. */
export function valueAt(tree: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((node, key) => {
    const inside = typeof node === "object" && node !== null && Object.hasOwn(node, key);
    return inside ? (node as Record<string, unknown>)[key] : undefined;
  }, tree);
}
