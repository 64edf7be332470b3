import { resolve } from "node:path";
import {
  type CommandCall,
  type CommonOptions,
  listenForStops,
  notice,
  type Progress,
  result,
  resultJson,
  startProgress,
  stopCode,
  takeBackend,
  UsageError,
} from "@infinite-former/command-line";
import { encode } from "@infinite-former/datasets";
import { loadCorpus, readText, unknownWarning } from "../corpus.js";
import { createEvaluator } from "../evaluate-split.js";
import { loadTrainedModel, type TrainedModel } from "../trained-model.js";

/** Options of `infinite-former evaluate`. */
export interface EvaluateCommandOptions extends CommonOptions {
  readonly split: "valid" | "train";
  /** A text file instead of the run's corpus. */
  readonly data?: string;
  /** Rows read side by side; `training.evaluateRows` by default. */
  readonly batch?: number;
}

/** What `infinite-former evaluate --json` prints. */
export interface EvaluationResult {
  readonly checkpoint: string;
  readonly step: number;
  /** The split's name, or `null` for a file of its own. */
  readonly split: string | null;
  readonly data: string;
  /** Mean over all characters but the first, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerCharacter: number;
  /** `exp` of the nats of the whole text by its words (runs of characters between white space). */
  readonly perWordPerplexity: number;
  /** Characters predicted. */
  readonly tokens: number;
  readonly words: number;
  /** Characters that the vocabulary lacks. */
  readonly unknown: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/** `infinite-former evaluate DIR`: how well a trained model predicts a text it reads from start to end. */
export async function evaluateCommand(
  call: CommandCall,
  directory: string,
  options: EvaluateCommandOptions,
): Promise<number> {
  const { io } = call;
  const stops = listenForStops(() => undefined);
  let progress: Progress | null = null;
  try {
    const backend = await takeBackend(io, options.backend);
    const trained = await loadTrainedModel(resolve(io.cwd, directory), (line) => notice(io, line));
    try {
      const text = await textToRead(trained, options, io.cwd);
      const { ids, unknown } = encode(trained.vocabulary, text.text);
      const warning = unknownWarning(text.source, unknown);
      if (warning !== null) notice(io, warning);
      if (ids.length < 2)
        throw new UsageError(`${text.source}: is too short; an evaluation needs 2 characters`);
      const evaluator = createEvaluator(trained.model, backend.compile);
      const evaluation = await evaluator.evaluate(trained.model.params, {
        tokens: ids,
        rows: options.batch ?? trained.run.training.evaluateRows,
        signal: stops.signal,
        onProgress: (done, total) => {
          progress ??= startProgress(io, { label: "evaluate", unit: "batches", total });
          progress.update(done);
        },
      });
      (progress as Progress | null)?.stop();
      evaluator.dispose();
      if (evaluation === null) return stopCode(stops.signal);
      const { loss, tokens, seconds } = evaluation;
      const words = text.text.split(/\s+/).filter((word) => word !== "").length;
      const outcome: EvaluationResult = {
        checkpoint: trained.checkpoint,
        step: trained.step,
        split: options.data === undefined ? options.split : null,
        data: text.source,
        loss,
        perplexity: Math.exp(loss),
        bitsPerCharacter: loss / Math.LN2,
        perWordPerplexity: Math.exp((loss * tokens) / Math.max(1, words)),
        tokens,
        words,
        unknown,
        seconds,
        tokensPerSecond: tokens / seconds,
      };
      if (options.json === true) resultJson(io, outcome);
      else for (const line of lines(outcome)) result(io, line);
      return 0;
    } finally {
      trained.dispose();
    }
  } finally {
    (progress as Progress | null)?.stop();
    stops.dispose();
  }
}

async function textToRead(
  { run }: TrainedModel,
  { data, split }: EvaluateCommandOptions,
  cwd: string,
): Promise<{ source: string; text: string }> {
  if (data !== undefined) {
    const path = resolve(cwd, data);
    return { source: path, text: (await readText(path, "--data")).text };
  }
  const corpus = await loadCorpus(run.data);
  if (corpus.sha256 !== run.dataSha256) {
    throw new UsageError(
      `${corpus.source}: is not the text that the run was trained on (SHA-256 ${corpus.sha256}, then ${run.dataSha256}); give --data to evaluate on another text`,
    );
  }
  return { source: `${corpus.source}, ${split} split`, text: corpus[split] };
}

function lines(outcome: EvaluationResult): string[] {
  const { data, step, loss, bitsPerCharacter, perplexity, perWordPerplexity, tokens, tokensPerSecond } =
    outcome;
  return [
    `${data}, after step ${step}: ${tokens} characters, ${outcome.words} words`,
    `loss ${loss.toFixed(4)} nats per character, ${bitsPerCharacter.toFixed(4)} bits per character`,
    `perplexity ${perplexity.toFixed(3)} per character, ${perWordPerplexity.toPrecision(5)} per word`,
    `${Math.round(tokensPerSecond)} characters per second`,
  ];
}
