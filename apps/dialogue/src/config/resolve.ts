import { isDeepStrictEqual } from "node:util";
import {
  assignSettings,
  type ConfigFault,
  ConfigFaultsError,
  settingAt,
  shown,
} from "@infinite-former/command-line";
import { type Gpt2Config, type Gpt2Options, resolveGpt2Config } from "@infinite-former/gpt2";
import { ConfigError } from "@infinite-former/tensor";
import { longTermStructure } from "@infinite-former/transformer";
import type { ModelName } from "../model/names.js";
import { type DialogueConfig, sectionSchemas } from "./dialogue-config.js";
import type { Preset } from "./presets.js";

/** A configuration whose model leaves to defaults what it does not say. */
export interface DialogueSettings extends Omit<DialogueConfig, "model"> {
  readonly model: Omit<Gpt2Options, "vocabularySize" | "positions"> & { readonly positions?: number };
}

/** What the weights that a run starts from decide. */
const decided = [
  "layers",
  "modelSize",
  "heads",
  "innerSize",
  "positions",
  "activation",
  "normEpsilon",
  "scaledScores",
  "scoresByLayer",
  "tiedOutput",
] as const satisfies readonly (keyof Gpt2Config)[];

/**
 * The settings of a preset for one model, with what `--set` changes.
 *
 * @param source what the run starts from; `null` for new weights.
 * @throws {ConfigFaultsError} `ERR_CONFIG` with unknown paths, values out of
 *   range, and sizes that are not those of the weights.
 */
export function settingsOf(
  name: ModelName,
  preset: Preset,
  source: Gpt2Config | null,
  assignments: readonly string[],
): DialogueSettings {
  const { data, training, evaluation } = preset;
  const settings = { model: modelSettings(name, preset, source), data, training, evaluation };
  const { vocabularySize: _, headSize: __, ...model } = resolveModel(settings, 1);
  const changed = assignSettings(settings, { ...settings, model }, assignments, name);
  const faults = [...sectionFaults(changed), ...contradictions(changed, source)];
  if (faults.length > 0) throw new ConfigFaultsError(faults);
  assertModel(changed);
  return changed;
}

/** @throws {ConfigFaultsError} `ERR_CONFIG` naming the setting of the model at fault. */
function assertModel(settings: DialogueSettings): void {
  try {
    resolveModel(settings, 1);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = error.message.replace(/^gpt2: \S+ /, "");
    throw new ConfigFaultsError([{ path: `model.${error.path}`, message }]);
  }
}

/**
 * The model's own configuration.
 *
 * @param vocabularySize rows of its token table.
 * @throws {ConfigError} `ERR_CONFIG` naming the field at fault.
 */
export function resolveModel({ model }: Pick<DialogueSettings, "model">, vocabularySize: number): Gpt2Config {
  return resolveGpt2Config({ positions: model.segmentLength as number, ...model, vocabularySize });
}

function modelSettings(
  name: ModelName,
  preset: Preset,
  source: Gpt2Config | null,
): DialogueSettings["model"] {
  const { body, longTerm, compressed } = preset;
  const own = source === null ? {} : Object.fromEntries(decided.map((field) => [field, source[field]]));
  // Segments are at most as long as the weights have positions.
  const segmentLength = Math.min(body.segmentLength as number, source?.positions ?? Number.POSITIVE_INFINITY);
  const shape = { ...body, ...own, segmentLength };
  if (name === "gpt2") return shape;
  if (name === "gpt2-compressive") return { ...shape, compressed: { ...compressed, ...source?.compressed } };
  const { segmentLength: _, ...there } = source?.longTerm ?? {};
  const sampling = name === "gpt2-infinite-sticky" ? "sticky" : "uniform";
  return { ...shape, longTerm: { ...longTerm, ...there, sampling } };
}

/**
 * Checks the settings of a run as they stand in its `config.json`.
 *
 * @param file named in the message.
 * @throws {ConfigFaultsError} `ERR_CONFIG` with what is missing, unknown or out of range.
 */
export function assertRunSettings(file: string, config: DialogueConfig): void {
  const faults = sectionFaults(config).map((fault) => ({ ...fault, path: `${file}: config.${fault.path}` }));
  if (faults.length > 0) throw new ConfigFaultsError(faults);
}

function sectionFaults(settings: DialogueSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  for (const section of ["data", "training", "evaluation"] as const) {
    const checked = sectionSchemas[section].safeParse(settings[section]);
    for (const issue of checked.error?.issues ?? []) {
      const path = [section, ...issue.path].join(".");
      faults.push({ path, message: `${issue.message}, got ${shown(settingAt(settings, path))}` });
    }
  }
  const { segmentLength } = settings.model;
  const { responseTokens } = settings.data;
  if (typeof segmentLength === "number" && !(responseTokens < segmentLength)) {
    faults.push({
      path: "data.responseTokens",
      message: `must be below model.segmentLength ${segmentLength}, whose last segment holds them, got ${shown(responseTokens)}`,
    });
  }
  return faults;
}

function contradictions({ model }: DialogueSettings, source: Gpt2Config | null): ConfigFault[] {
  if (source === null) return [];
  const decidedHere = [...decided, ...memoryFields(source)];
  return decidedHere
    .map((path) => ({ path, given: settingAt(model, path), stored: settingAt(source, path) }))
    .filter(({ given, stored }) => given !== undefined && !isDeepStrictEqual(given, stored))
    .map(({ path, given, stored }) => ({
      path: `model.${path}`,
      message: `must be ${shown(stored)}, as the weights of --from have it, or left out; got ${shown(given)}`,
    }));
}

/** What a stored memory's weights decide. */
function memoryFields({ longTerm, compressed }: Gpt2Config): string[] {
  if (longTerm !== undefined) {
    return [...longTermStructure(longTerm), "layers", "input"].map((field) => `longTerm.${field}`);
  }
  return compressed === undefined ? [] : ["compressed.ratio", "compressed.layers"];
}
