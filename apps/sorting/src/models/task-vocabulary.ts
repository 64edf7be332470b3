import { sortingVocabulary } from "@infinite-former/datasets";
import type { ModelSettings } from "./sorting-model.js";

/** Token ids of the task: symbols, separator, and the ignored id of the authors' files. The task decides it, no setting does. */
export const vocabularySize: number = sortingVocabulary().modelVocabularySize;

/** A model's configuration as settings: all but what the task decides. */
export function withoutVocabulary(config: object): ModelSettings {
  return Object.fromEntries(Object.entries(config).filter(([field]) => field !== "vocabularySize"));
}
