import { dirname } from "node:path";
import { shown } from "@infinite-former/command-line";
import { spareTokens, type Vocabulary } from "@infinite-former/datasets";
import type { Preset } from "../config/presets.js";
import { presetConfig, settingValue } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import type { SettingsRead } from "../config/settings.js";
import { whyUnread } from "../config/unread-settings.js";
import { tokenName } from "../corpus/run-vocabulary.js";
import type { ModelSource } from "../source/model-source.js";

/** What a vocabulary makes of settings, and what it leaves out. */
export function vocabularyNotes({ model, data }: TrainerConfig, vocabulary: Vocabulary): string[] {
  const { size } = vocabulary;
  const notes: string[] = [];
  for (const [field, off] of [
    ["vocabularySize", null],
    ["minimumCount", 1],
  ] as const) {
    if (data.tokenizer !== "words" && data[field] !== off)
      notes.push(
        `data.${field}: ${data[field]} is not read, since data.tokenizer is ${shown(data.tokenizer)} and not "words"`,
      );
  }
  const rows = model.tokenRows ?? size;
  const left = spareTokens(vocabulary, rows).length;
  if (left > 0)
    notes.push(`data.tokenizer: ${left} of ${rows} ids stand for no token: they are never written`);
  const beyond = model.cutoffs.filter((id) => id >= size);
  if (beyond.length > 0) {
    notes.push(
      `model.cutoffs: ${beyond.join(", ")} left out: the vocabulary has ${size} ${tokenName(vocabulary)}s`,
    );
  }
  return notes;
}

/** A tokenizer that was asked for where the model that a run starts from has one. */
export function tokenizerNotes(
  { data: { tokenizer } }: Pick<TrainerConfig, "data">,
  source: Pick<ModelSource, "path" | "tokenizer"> | null,
): string[] {
  if (source === null || source.tokenizer !== source.path) return [];
  if (tokenizer === source.path || dirname(tokenizer) === source.path) return [];
  return [`data.tokenizer: ${shown(tokenizer)} is taken in place of the tokenizer that is in ${source.path}`];
}

/**
 * Settings that were asked for and change nothing: the model does not read them. A
 * file may be that of a whole run: of its settings those are named that a preset does not have.
 */
export function unreadNotes(
  { model }: Pick<TrainerConfig, "model">,
  asked: readonly SettingsRead[],
  preset: Preset,
  source: Pick<ModelSource, "path" | "structure"> | null,
): string[] {
  const usual = presetConfig(preset);
  const named = new Map<string, Set<string>>();
  for (const { path, value, origin } of asked.flatMap(({ settings }) => settings)) {
    if (origin !== "--set" && JSON.stringify(value) === JSON.stringify(settingValue(usual, path))) continue;
    const reason =
      path === "model.memoryStart" && source?.structure.memory !== undefined
        ? `${source.path} has a memory already`
        : whyUnread(path, model);
    if (reason !== null) named.set(reason, (named.get(reason) ?? new Set()).add(path));
  }
  return [...named].map(([reason, paths]) => `${[...paths].join(", ")}: not read, since ${reason}`);
}
