import { describeDifferences, type SettingDifference, UsageError } from "@infinite-former/command-line";

/** What made the vocabulary: a run keeps that. */
const ofVocabulary: readonly string[] = ["data.tokenizer", "data.vocabularySize", "data.minimumCount"];

/** How the weights began: a checkpoint has them as they are since. */
const ofStart: readonly string[] = ["model.from", "model.memoryStart", "model.initializer"];

/**
 * Checks that nothing is to be changed that a run reads only where it begins:
 * it would go on as before, and `config.json` would say something else.
 *
 * @param where the run or the checkpoint, as messages name it.
 * @param hasWeights whether there is a checkpoint, so that its weights have begun too.
 * @throws {UsageError} `ERR_USAGE` listing what cannot be changed.
 */
export function assertChangeable(
  where: string,
  changed: readonly SettingDifference[],
  hasWeights: boolean,
): void {
  const fixed = hasWeights ? [...ofVocabulary, ...ofStart] : ofVocabulary;
  const refused = changed.filter(({ path }) => fixed.includes(path));
  if (refused.length === 0) return;
  throw new UsageError(
    `${where}: what a run reads only where it begins cannot be changed in one that has begun:\n${describeDifferences(refused)}\n` +
      "  leave these as they were (in config.json too), or begin a new run",
  );
}
