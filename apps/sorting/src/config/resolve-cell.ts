import { type ConfigFault, ConfigFaultsError, settingAt, shown } from "@infinite-former/command-line";
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
      faults.push({ path, message: `${issue.message}, got ${shown(settingAt(config, path))}` });
    }
  }
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  return { ...config, model: modelKinds[name].resolve(config.model) };
}
