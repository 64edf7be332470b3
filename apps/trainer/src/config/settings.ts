import {
  type ConfigFault,
  didYouMean,
  shown,
  splitAssignment,
  valueLike,
} from "@infinite-former/command-line";
import { sectionNames, settingSchemas } from "./schema.js";

/** One value that somebody gave, and where: `--set`, a file's name, a flag. */
export interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

/** Settings read from one place, with the faults met on the way. */
export interface SettingsRead {
  readonly settings: readonly Setting[];
  readonly faults: readonly ConfigFault[];
}

const paths = [...settingSchemas.keys()];
const fields = new Map(paths.map((path) => [path.slice(path.indexOf(".") + 1), path]));

/**
 * Keys of a run's `config.json` beside the settings: a run's file may be given
 * as `--config`, and these then say where it came from and change nothing.
 */
const provenanceKeys: ReadonlySet<string> = new Set([
  "format",
  "formatVersion",
  "preset",
  "seed",
  "backend",
  "versions",
  "machine",
  "command",
  "dataSha256",
  "corpus",
  "vocabulary",
  "parameters",
  "startedFrom",
  "created",
]);

/** Values of `data.tokenizer` that are no paths. */
export const tokenizerNames: ReadonlySet<string> = new Set(["characters", "words", "gpt2"]);

/** Whether a setting's value is the path of a file or folder: found from where it was given, whatever the run is resumed from later. */
export function isPath(path: string, value: unknown): value is string {
  if (typeof value !== "string" || value === "") return false;
  return (
    path === "data.text" || path === "model.from" || (path === "data.tokenizer" && !tokenizerNames.has(value))
  );
}

/** @returns what to say about a path that names no setting. */
export function unknownSetting(path: string): string {
  const field = path.slice(path.lastIndexOf(".") + 1);
  const meant =
    fields.get(field) ?? didYouMean(path, paths) ?? fields.get(didYouMean(field, [...fields.keys()]) ?? "");
  if (meant !== undefined) return `unknown setting; did you mean ${meant}?`;
  const section = path.split(".")[0] ?? "";
  const known = sectionNames.includes(section)
    ? paths.filter((name) => name.startsWith(`${section}.`))
    : sectionNames;
  const what = known === sectionNames ? "the sections are" : `${section} has`;
  return `unknown setting; ${what} ${known.join(", ")}`;
}

/** Turns the sections of a configuration object into single settings; whatever is not a setting is a fault. */
export function settingsOf(document: unknown, origin: string): SettingsRead {
  const settings: Setting[] = [];
  const faults: ConfigFault[] = [];
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return {
      settings,
      faults: [{ path: origin, message: `must hold an object with ${sectionNames.join(", ")}` }],
    };
  }
  for (const [section, content] of Object.entries(document)) {
    if (!sectionNames.includes(section)) {
      if (provenanceKeys.has(section)) continue;
      if (section.includes(".") && settingSchemas.has(section)) {
        settings.push({ path: section, value: content, origin });
        continue;
      }
      const meant = didYouMean(section, sectionNames);
      const message =
        meant === undefined ? unknownSetting(section) : `unknown section; did you mean ${meant}?`;
      faults.push({ path: shownPath(section), message: `${message} (${origin})` });
      continue;
    }
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
      faults.push({
        path: section,
        message: `must be an object of settings, got ${shown(content)} (${origin})`,
      });
      continue;
    }
    for (const [field, value] of Object.entries(content)) {
      const path = `${section}.${field}`;
      if (settingSchemas.has(path)) settings.push({ path, value, origin });
      else faults.push({ path: shownPath(path), message: `${unknownSetting(path)} (${origin})` });
    }
  }
  return { settings, faults };
}

/**
 * Reads `--set path=value`. A number, `true`, `false`, `null`, a JSON list or
 * `a,b` where the setting is a list; anything else is text.
 *
 * @param like the value that the setting has by default: tells what is meant.
 */
export function settingOf(assignment: string, like: (path: string) => unknown): SettingsRead {
  const split = splitAssignment(assignment);
  if ("message" in split) return { settings: [], faults: [split] };
  const { path, text } = split;
  if (!settingSchemas.has(path)) {
    return { settings: [], faults: [{ path: shownPath(path), message: `${unknownSetting(path)} (--set)` }] };
  }
  return { settings: [{ path, value: parseValue(text, path, like(path)), origin: "--set" }], faults: [] };
}

function parseValue(text: string, path: string, like: unknown): unknown {
  const schema = settingSchemas.get(path);
  if ((like === null || like === undefined) && text !== "null") {
    if (schema?.safeParse(text).success) return text;
    const list = valueLike(text, []);
    if (Array.isArray(list) && schema?.safeParse(list).success) return list;
  }
  return valueLike(text, like);
}

function shownPath(path: string): string {
  return path.length > 80 ? `${path.slice(0, 77)}...` : path;
}
