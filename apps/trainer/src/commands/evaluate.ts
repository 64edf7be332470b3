import { resolve } from "node:path";
import {
  type CommandCall,
  type CommonOptions,
  type Io,
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
import type { SplitName } from "../corpus/corpus.js";
import { encodeSplit, longestDocument } from "../corpus/encoded-split.js";
import { type DataToRead, openCorpus, openData } from "../corpus/open-corpus.js";
import { type TokenName, tokenName, unknownWarning } from "../corpus/run-vocabulary.js";
import { tokensFolder } from "../corpus/tokens-folder.js";
import { createEvaluator } from "../evaluate-split.js";
import { type ModelName, modelName } from "../models/model-name.js";
import { loadTrainedModel, type TrainedModel } from "../trained-model.js";

/** Options of `infinite-former evaluate`. */
export interface EvaluateCommandOptions extends CommonOptions {
  /** `valid` by default. */
  readonly split?: SplitName;
  /** A text, folder or JSONL in place of the run's corpus. */
  readonly data?: string;
  /** Rows read side by side; `training.evaluateRows` by default. */
  readonly batch?: number;
}

/** What `infinite-former evaluate --json` prints. */
export interface EvaluationResult {
  /** The model by the name that results have. */
  readonly model: ModelName;
  readonly checkpoint: string;
  readonly step: number;
  /** The split's name, or `null` for data of its own that has none. */
  readonly split: string | null;
  readonly data: string;
  /** What a token is. */
  readonly token: TokenName;
  /** Mean over all tokens but the first of each document, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  /** The nats of the whole text by its characters, in bits. */
  readonly bitsPerCharacter: number;
  /**
   * `exp` of the nats of the whole text by its words: runs of characters between white space, and line ends
   * where the vocabulary is of words, which predicts them too.
   */
  readonly perWordPerplexity: number;
  /** Tokens predicted. */
  readonly tokens: number;
  readonly words: number;
  /** Tokens that the vocabulary lacks: words read as `<unk>` are predicted as that. */
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
      const { vocabulary } = trained;
      const { corpus, source, split, whole, option } = await textToRead(trained, options, io);
      const encoded = await encodeSplit(corpus, split, vocabulary, { folder: tokensFolder(), option });
      const warning = unknownWarning(source, encoded.unknown, vocabulary);
      if (warning !== null) notice(io, warning);
      if (longestDocument(encoded) < 2)
        throw new UsageError(
          `${source}: is too short; an evaluation needs a document of 2 ${tokenName(vocabulary)}s`,
        );
      const evaluator = createEvaluator(trained.model, backend.compile);
      const evaluation = await evaluator.evaluate(trained.model.params, {
        tokens: encoded.source,
        documents: encoded.starts,
        rows: options.batch ?? trained.run.training.evaluateRows,
        signal: stops.signal,
        onProgress: (done, total) => {
          progress ??= startProgress(io, { label: "evaluate", unit: "batches", total });
          progress.update(done);
        },
      });
      (progress as Progress | null)?.stop();
      evaluator.dispose();
      encoded.close();
      if (evaluation === null) return stopCode(stops.signal);
      const { loss, tokens, seconds } = evaluation;
      const words = encoded.words + ("words" in vocabulary ? encoded.lines : 0);
      const outcome: EvaluationResult = {
        model: modelName(trained.run.model),
        checkpoint: trained.checkpoint,
        step: trained.step,
        split: whole ? null : split,
        data: source,
        token: tokenName(vocabulary),
        loss,
        perplexity: Math.exp(loss),
        bitsPerCharacter:
          "characters" in vocabulary
            ? loss / Math.LN2
            : (loss * tokens) / Math.LN2 / Math.max(1, encoded.characters),
        perWordPerplexity: Math.exp((loss * tokens) / Math.max(1, words)),
        tokens,
        words,
        unknown: encoded.unknown,
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
  { data, split: asked }: EvaluateCommandOptions,
  { cwd, env }: Pick<Io, "cwd" | "env">,
): Promise<DataToRead & { readonly source: string; readonly option: string }> {
  if (data !== undefined) {
    const read = await openData(resolve(cwd, data), asked);
    const { source } = read.corpus;
    return { ...read, source: read.whole ? source : `${source}, ${read.split} split`, option: "--data" };
  }
  const split = asked ?? "valid";
  const corpus = await openCorpus(run.data, env);
  if (corpus.sha256 !== run.dataSha256) {
    throw new UsageError(
      `${corpus.source}: is not the text that the run was trained on (SHA-256 ${corpus.sha256}, then ${run.dataSha256}); give --data to evaluate on another text`,
    );
  }
  if (corpus.characters[split] === undefined) {
    throw new UsageError(
      `--split ${split}: ${corpus.source} has none; there is ${Object.keys(corpus.characters).join(", ")}`,
    );
  }
  const source = `${corpus.source}, ${split} split`;
  return { corpus, source, split, whole: false, option: "data.text" };
}

function lines(outcome: EvaluationResult): string[] {
  const { data, step, token, tokens, words, loss, bitsPerCharacter } = outcome;
  const counts =
    token === "word"
      ? `${tokens} words and line ends predicted, ${words} in the text`
      : `${tokens} ${token}s predicted, ${words} words`;
  return [
    `${data}, after step ${step}: ${counts}`,
    `loss ${loss.toFixed(4)} nats per ${token}, ${bitsPerCharacter.toFixed(4)} bits per character`,
    `perplexity ${perplexities(outcome)}`,
    `${Math.round(outcome.tokensPerSecond)} ${token}s per second`,
  ];
}

/** By the tokens predicted, as training tells it, and by the words of the text, which a document's first token counts to. */
function perplexities({ token, perplexity, perWordPerplexity }: EvaluationResult): string {
  const perWord = `${perWordPerplexity.toPrecision(5)} per word`;
  if (token !== "word") return `${perplexity.toFixed(3)} per ${token}, ${perWord}`;
  const perToken = `${perplexity.toPrecision(5)} per word`;
  return perToken === perWord ? perWord : `${perToken} predicted, ${perWord} of the text`;
}
