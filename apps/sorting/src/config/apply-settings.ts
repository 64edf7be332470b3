import { assignSettings } from "@infinite-former/command-line";
import type { ModelName } from "../models/names.js";
import type { CellConfig } from "./cell-config.js";
import { resolveCell } from "./resolve-cell.js";

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
  return resolveCell(name, assignSettings(preset, resolveCell(name, preset), assignments, name));
}
