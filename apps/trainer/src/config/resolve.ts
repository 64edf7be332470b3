import { type ConfigFault, ConfigFaultsError, didYouMean, shown } from "@infinite-former/command-line";
import { baseConfig, type Preset, presets } from "./presets.js";
import { brokenRules } from "./rules.js";
import { settingSchemas, type TrainerConfig } from "./schema.js";
import { type Setting, type SettingsRead, settingsOf } from "./settings.js";

/** @returns the value of a setting by its path. */
export function settingValue(config: TrainerConfig, path: string): unknown {
  const [section, field] = path.split(".") as [keyof TrainerConfig, string];
  return (config[section] as unknown as Readonly<Record<string, unknown>>)[field];
}

/**
 * The preset of a name.
 *
 * @throws {ConfigFaultsError} `ERR_CONFIG` for an unknown name, with the nearest known one.
 */
export function findPreset(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name);
  if (preset !== undefined) return preset;
  const names = presets.map((candidate) => candidate.name);
  const meant = didYouMean(name, names);
  const hint = meant === undefined ? `there is ${names.join(", ")}` : `did you mean ${meant}?`;
  throw new ConfigFaultsError([{ path: "--preset", message: `unknown preset ${shown(name)}; ${hint}` }]);
}

/** @returns the complete configuration of a preset. */
export function presetConfig(preset: Preset): TrainerConfig {
  const read = settingsOf(preset.config, `preset ${preset.name}`);
  return resolveConfig(baseConfig, [read]);
}

/**
 * Lays settings over a configuration, later ones above earlier ones, and
 * checks the whole.
 *
 * @param base a valid configuration: the preset's, or a run's own.
 * @param sources what was read from file, `--set` and flags, in that order.
 * @throws {ConfigFaultsError} `ERR_CONFIG` with every fault: of reading, of
 *   each value, and between values.
 */
export function resolveConfig(base: TrainerConfig, sources: readonly SettingsRead[]): TrainerConfig {
  const faults: ConfigFault[] = sources.flatMap((source) => source.faults);
  const given = new Map<string, Setting>();
  for (const setting of sources.flatMap((source) => source.settings)) given.set(setting.path, setting);
  const sections: Record<string, Record<string, unknown>> = {};
  const faulty = new Set<string>();
  for (const [path, schema] of settingSchemas) {
    const [section, field] = path.split(".") as [string, string];
    const setting = given.get(path);
    const value = setting === undefined ? settingValue(base, path) : setting.value;
    const checked = schema.safeParse(value);
    if (!checked.success) {
      faulty.add(path);
      const origin = setting === undefined ? "" : ` (${setting.origin})`;
      const reason = checked.error.issues[0];
      const where = reason?.path.length ? `[${reason.path.join("][")}] ` : "";
      faults.push({
        path,
        message: `${where}${reason?.message ?? "is not valid"}, got ${shown(value)}${origin}`,
      });
    }
    sections[section] ??= {};
    sections[section][field] = checked.success ? checked.data : value;
  }
  const config = sections as unknown as TrainerConfig;
  faults.push(...brokenRules(config, faulty));
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  return freeze(config);
}

function freeze(config: TrainerConfig): TrainerConfig {
  Object.freeze(config.model.basisWidths);
  Object.freeze(config.model.cutoffs);
  Object.freeze(config.model.memoryLayers);
  for (const section of Object.values(config)) Object.freeze(section);
  return Object.freeze(config);
}
