import { type ConfigFault, shown } from "@infinite-former/command-line";
import { baseConfig, type Preset } from "../config/presets.js";
import { resolveConfig } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import { type Setting, type SettingsRead, settingsOf } from "../config/settings.js";
import type { ModelSource } from "./model-source.js";

/** What a preset is for: does not give way to the weights, as its sizes do. */
const aims: readonly string[] = ["model.kind", "model.memory"];

/**
 * The configuration of a new run that starts from another model: its sizes are
 * that model's, and so is how a memory that it has is used, unless otherwise asked
 * for, and its tokenizer; the rest is the preset's and what was asked for.
 *
 * @param sources what was read from file, `--set` and flags.
 * @throws {ConfigFaultsError} `ERR_CONFIG` with every setting that contradicts the
 *   model's weights, beside all other faults.
 */
export function settingsFromSource(
  preset: Preset,
  sources: readonly SettingsRead[],
  source: ModelSource,
): TrainerConfig {
  const decided = new Map<string, unknown>(
    Object.entries(source.structure).map(([field, value]) => [`model.${field}`, value]),
  );
  if (source.tokenizerIsItsOwn) decided.set("data.tokenizer", source.tokenizer);
  const ofPreset = settingsOf(preset.config, `preset ${preset.name}`);
  const own = new Set(Object.keys(source.usual).map((field) => `model.${field}`));
  if (source.tokenizer !== null) own.add("data.tokenizer");
  const isSaid = ({ path }: Setting): boolean =>
    !own.has(path) && (!decided.has(path) || aims.includes(path));
  const given = [
    withoutContradictions({ ...ofPreset, settings: ofPreset.settings.filter(isSaid) }, decided, source),
    ...sources.map((read) => withoutContradictions(read, decided, source)),
  ];
  const tokenizer = given.flatMap(({ settings }) => settings.filter(ofTokenizer)).at(-1);
  given.push({ settings: [], faults: tokenizerFaults(source, tokenizer) });
  const base: TrainerConfig = {
    ...baseConfig,
    model: { ...baseConfig.model, ...source.usual, ...source.structure, from: source.path },
    data: { ...baseConfig.data, tokenizer: source.tokenizer ?? baseConfig.data.tokenizer },
  };
  return resolveConfig(base, given);
}

function ofTokenizer({ path }: Setting): boolean {
  return path === "data.tokenizer";
}

/** Weights mean nothing under another tokenizer than their own: characters and words of a text are never that. */
function tokenizerFaults(
  { path, tokenizer, tokenizerIsItsOwn }: ModelSource,
  asked?: Setting,
): ConfigFault[] {
  const those = `"gpt2", the path of a tokenizer.json, or of the run that it was exported from`;
  if (asked === undefined) {
    const message = `must be given: ${path} holds no tokenizer.json, and no vocab.json with merges.txt; ${those}`;
    return tokenizer === null ? [{ path: "data.tokenizer", message }] : [];
  }
  const { value, origin } = asked;
  if (tokenizerIsItsOwn || (value !== "characters" && value !== "words")) return [];
  const leave = tokenizer === null ? "" : "left out, or ";
  const message = `must be ${leave}the tokenizer of ${path} (${those}), got ${shown(value)} (${origin})`;
  return [{ path: "data.tokenizer", message }];
}

/** Settings that differ from what the weights decide become faults. */
function withoutContradictions(
  { settings, faults }: SettingsRead,
  decided: ReadonlyMap<string, unknown>,
  { path }: ModelSource,
): SettingsRead {
  const differs = ({ path: setting, value }: Setting): boolean =>
    decided.has(setting) && JSON.stringify(value) !== JSON.stringify(decided.get(setting));
  return {
    settings: settings.filter((setting) => !differs(setting)),
    faults: [
      ...faults,
      ...settings.filter(differs).map(({ path: setting, value, origin }) => ({
        path: setting,
        message: `must be ${shown(decided.get(setting))}, as in ${path}, or left out; got ${shown(value)} (${origin})`,
      })),
    ],
  };
}
