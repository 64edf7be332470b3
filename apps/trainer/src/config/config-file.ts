import { stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, resolve } from "node:path";
import { readAtMost, systemReason } from "@infinite-former/command-line";
import { parse as parseYaml } from "yaml";
import { isPath, type SettingsRead, settingsOf } from "./settings.js";

/** Largest configuration file that is read, in bytes. */
export const configFileLimit = 1_000_000;

/**
 * Reads a configuration file: JSON, or YAML where its name ends in `.yaml` or
 * `.yml`. A relative path in it starts from the file's own folder.
 *
 * Whatever is wrong comes back as a fault that names the file (and, for bad
 * syntax, the line): too large, unreadable, malformed, unknown settings.
 */
export async function readConfigFile(path: string): Promise<SettingsRead> {
  const fault = (message: string): SettingsRead => ({ settings: [], faults: [{ path, message }] });
  let text: string;
  try {
    const { size } = await stat(path);
    const bytes = size > configFileLimit ? null : await readAtMost(path, configFileLimit);
    if (bytes === null) {
      const got = size > configFileLimit ? `${size} bytes` : "more";
      return fault(`must have at most ${configFileLimit} bytes, as a configuration file, got ${got}`);
    }
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    return fault(error instanceof TypeError ? "must be UTF-8 text" : systemReason(error));
  }
  let document: unknown;
  try {
    document = /^\.ya?ml$/i.test(extname(path))
      ? parseYaml(text, { maxAliasCount: 20, logLevel: "error" })
      : JSON.parse(text);
  } catch (error) {
    return fault(`cannot be parsed: ${syntaxReason(error, text)}`);
  }
  const read = settingsOf(document, path);
  return {
    ...read,
    settings: read.settings.map((setting) => ({ ...setting, value: located(setting, path) })),
  };
}

function located(setting: { path: string; value: unknown }, file: string): unknown {
  const { path, value } = setting;
  if (!isPath(path, value) || isAbsolute(value)) return value;
  return resolve(dirname(file), value);
}

function syntaxReason(error: unknown, text: string): string {
  const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  if (/alias count/i.test(first)) return "its aliases stand for more than is read (at most 20 of them)";
  const message = first.replace(/:$/, "");
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined || /line \d+/.test(message)) return message;
  const before = text.slice(0, Number(at)).split("\n");
  return `${message} (line ${before.length}, column ${(before.at(-1) ?? "").length + 1})`;
}
