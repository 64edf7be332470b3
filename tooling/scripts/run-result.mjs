import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * What a finished run of `infinite-former train` says of itself, as a committed
 * result has it: without what is of this machine's folders.
 *
 * @param {string} run directory of the run
 * @throws Error where it has no loss of the whole validation split at its last step.
 */
export function runResult(run) {
  const { preset, seed, backend, versions, machine, dataSha256, corpus, vocabulary, parameters, ...rest } =
    JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
  const { model, data, training } = rest;
  const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
  const metrics = lines.map((line) => JSON.parse(line));
  const valid = metrics.findLast(({ split }) => split === "valid");
  if (valid?.step !== training.steps || valid.evaluatedTokens !== undefined) {
    throw new Error(`${run} has no evaluation of the whole validation split at step ${training.steps}`);
  }
  const curve = metrics.filter(({ split }) => split === "train");
  return {
    preset,
    seed,
    steps: valid.step,
    seconds: valid.seconds,
    secondsPerStep: valid.seconds / valid.step,
    validationLoss: valid.loss,
    trainingLoss: curve.at(-1).loss,
    parameters,
    corpus,
    vocabularySize: vocabulary.size ?? vocabulary.length,
    dataSha256,
    config: { model: { ...model, from: model.from && basename(model.from) }, data, training },
    versions,
    backend,
    machine,
    curve: curve.map(({ step, tokens, loss }) => ({ step, tokens, loss })),
  };
}
