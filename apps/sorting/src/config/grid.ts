import { type ConfigFault, ConfigFaultsError, didYouMean, shown } from "@infinite-former/command-line";
import { type ModelName, modelNames } from "../models/names.js";
import { applySettings } from "./apply-settings.js";
import type { CellConfig } from "./cell-config.js";
import { findPreset } from "./presets.js";

/** One cell of a grid: what is to be trained and scored. JSON. */
export interface CellPlan {
  readonly preset: string;
  readonly model: ModelName;
  /** What the cell's settings are called where they are not the preset's own; `null` where they are. */
  readonly variant: string | null;
  readonly length: number;
  readonly seed: number;
  readonly config: CellConfig;
}

/** What a grid is asked for; lists are separated by commas. */
export interface GridRequest {
  readonly preset: string;
  readonly models?: string;
  readonly lengths?: string;
  readonly seeds?: string;
  readonly set: readonly string[];
  readonly variant?: string;
}

/** The name of a cell's files: `MODEL-LENGTH-SEED`, with `.VARIANT` after the model where there is one. */
export function cellName({ model, variant, length, seed }: Omit<CellPlan, "config" | "preset">): string {
  return `${model}${variant === null ? "" : `.${variant}`}-${length}-${seed}`;
}

/**
 * The cells of a grid: short sequences first, so that something is seen early.
 *
 * @throws {ConfigFaultsError} `ERR_CONFIG` with all that is wrong.
 */
export function planGrid(request: GridRequest): CellPlan[] {
  const preset = findPreset(request.preset);
  const faults: ConfigFault[] = [];
  const models = namesOf(request.models, faults);
  const lengths = numbersOf("--lengths", request.lengths, preset.lengths, 1, faults);
  const seeds = numbersOf("--seeds", request.seeds, preset.seeds, 0, faults);
  const { set, variant = null } = request;
  if (set.length > 0 && variant === null) {
    faults.push({ path: "--set", message: "must come with --variant NAME, which tells its cells apart" });
  }
  if (variant !== null && set.length === 0) {
    faults.push({ path: "--variant", message: "must come with at least one --set, which says what differs" });
  }
  if (variant !== null && !/^[a-z0-9][a-z0-9.-]*$/.test(variant)) {
    const message = `must be made of small letters, digits, dots and hyphens, got ${shown(variant)}`;
    faults.push({ path: "--variant", message });
  }
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  const configs = new Map(models.map((name) => [name, applySettings(name, preset.cells[name], set)]));
  return lengths.flatMap((length) =>
    seeds.flatMap((seed) =>
      models.map((model): CellPlan => {
        const config = configs.get(model) as CellConfig;
        return { preset: preset.name, model, variant, length, seed, config };
      }),
    ),
  );
}

function namesOf(list: string | undefined, faults: ConfigFault[]): readonly ModelName[] {
  if (list === undefined) return modelNames;
  return parts(list).flatMap((part) => {
    const found = modelNames.find((name) => name === part);
    if (found !== undefined) return [found];
    const meant = didYouMean(part, modelNames);
    const hint = meant === undefined ? `there is ${modelNames.join(", ")}` : `did you mean ${meant}?`;
    faults.push({ path: "--models", message: `unknown model ${shown(part)}; ${hint}` });
    return [];
  });
}

function numbersOf(
  path: string,
  list: string | undefined,
  otherwise: readonly number[],
  least: number,
  faults: ConfigFault[],
): readonly number[] {
  if (list === undefined) return otherwise;
  return parts(list).map((part) => {
    const value = part === "" ? Number.NaN : Number(part);
    if (!Number.isSafeInteger(value) || value < least) {
      faults.push({ path, message: `must be integers of at least ${least}, got ${shown(part)}` });
    }
    return value;
  });
}

/** The parts of a list, each once. */
function parts(list: string): string[] {
  return [...new Set(list.split(",").map((part) => part.trim()))];
}
