import { dirname } from "node:path";
import { shown } from "@infinite-former/command-line";
import { spareTokens, type Vocabulary } from "@infinite-former/datasets";
import type { TrainerConfig } from "../config/schema.js";
import type { SettingsRead } from "../config/settings.js";
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

/** Settings of a memory that were asked for where a GPT-2 has none. */
export function unreadNotes({ model }: TrainerConfig, asked: readonly SettingsRead[]): string[] {
  if (model.kind !== "gpt2" || model.memory !== "none") return [];
  const ofMemory = ["model.sampling", "model.memoryLayers", "model.memoryStart", "model.basisCount"];
  const given = new Set(asked.flatMap(({ settings }) => settings.map(({ path }) => path)));
  return ofMemory
    .filter((path) => given.has(path))
    .map((path) => `${path}: not read, since model.memory is none; give --set model.memory=infinite`);
}
