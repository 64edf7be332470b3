import { assertInteger } from "../errors.js";
import { type Conversation, documentSections, type FilmDocument, type Speaker } from "./conversation.js";
import type { DialogueCoder } from "./dialogue-coder.js";
import { turnsOf } from "./turns.js";

/** What of a conversation becomes input. Every default is what the authors' code does unless told otherwise. */
export interface DialogueInputsConfig {
  /** `joined` (default): all a user writes in a row is one turn, which makes the speakers alternate as theirs do. */
  readonly turns?: "joined" | "single";
  /** Whether the document is read; true by default (`baseline_nodoc` false). */
  readonly withDocument?: boolean;
  /** Most tokens of the document's text, its beginning; all by default. */
  readonly documentTokens?: number;
  /** Most turns of history before a response, the latest; all by default. */
  readonly historyTurns?: number;
  /** Most tokens of a turn where it is history, its end; all by default. */
  readonly turnTokens?: number;
  /** How many turns stand before the first response; 3 by default (`min_history` 2, counted from 0). */
  readonly firstResponse?: number;
}

/** Tokens with the type of each: the document's token, or that of who speaks. */
export interface TypedTokens {
  readonly tokens: Int32Array;
  readonly types: Int32Array;
}

/** A turn to be predicted, and what was said before. */
export interface ResponseInputs {
  /** Number of the turn, from 0. */
  readonly turn: number;
  readonly speaker: Speaker;
  /** The turns before, each after the token of who speaks, and at the end the token of who responds. */
  readonly history: TypedTokens;
  /** Tokens of the response; what ends it in training is the token of the next speaker. */
  readonly response: Int32Array;
  /** The response as text, the reference of scores. */
  readonly text: string;
}

/** A conversation as a model reads it. */
export interface DialogueInputs {
  /** Read first, into the memory: `<doc>`, the text, `<eos>`; empty without document. */
  readonly document: TypedTokens;
  /** All turns, each after the token of who speaks, as training reads them after the document. */
  readonly conversation: TypedTokens;
  /** Where in `conversation` the words of each turn start and end: what perplexity is measured on. */
  readonly words: readonly (readonly [start: number, end: number])[];
  /** One for each turn from `firstResponse` on. */
  readonly responses: readonly ResponseInputs[];
}

/**
 * Tokens of a conversation about a document: the document, then turn after
 * turn. `<speaker2>` stands before each turn of the user who opens,
 * `<speaker1>` before the other's.
 *
 * In the authors' evaluation of generated responses all responses of a
 * conversation share one input, in which everything but the last turn stands
 * without speakers' tokens, the response too (one list is appended to; with
 * `--min_history 0` it is not). Here each has the turns before it, as in their
 * training.
 *
 * @param document the one that `conversation.document` names.
 * @throws {ConfigError} `ERR_CONFIG` for a size below 0, or 1 where nothing would be left.
 * @see the authors' `document_grounded_generation` (`build_input_from_segments`)
 * @example
 * const { document, responses } = dialogueInputs(coder, documents.get(one.document), one);
 * // read document.tokens, then responses[0].history.tokens; generate; compare with responses[0].text
 */
export function dialogueInputs(
  coder: DialogueCoder,
  document: FilmDocument,
  conversation: Conversation,
  config: DialogueInputsConfig = {},
): DialogueInputs {
  const { withDocument = true, firstResponse = 3, historyTurns, turnTokens } = config;
  assertSizes(config);
  const { speaker1, speaker2 } = coder.tokens;
  const turns = turnsOf(conversation, config.turns);
  const opening = turns[0]?.speaker;
  const told = turns.map((turn) => {
    const type = turn.speaker === opening ? speaker2 : speaker1;
    return { ...turn, type, ids: coder.encode(turn.text) };
  });
  const kept = told.map(({ type, ids }) => ({
    type,
    ids: turnTokens === undefined ? ids : last(ids, turnTokens),
  }));
  const responses = told.slice(firstResponse).map(({ speaker, type, ids, text }, i): ResponseInputs => {
    const turn = firstResponse + i;
    const before = kept.slice(historyTurns === undefined ? 0 : Math.max(0, turn - historyTurns), turn);
    const history = typed([...before.map(spoken), { type, ids: [type] }]);
    return { turn, speaker, history, response: ids, text };
  });
  let at = 0;
  const words = told.map(({ ids }): [number, number] => {
    const start = at + 1;
    at = start + ids.length;
    return [start, at];
  });
  return {
    document: withDocument ? documentTokens(coder, document, config.documentTokens) : typed([]),
    conversation: typed(told.map(spoken)),
    words,
    responses,
  };
}

interface Part {
  readonly type: number;
  readonly ids: ArrayLike<number>;
}

function documentTokens(coder: DialogueCoder, document: FilmDocument, most?: number): TypedTokens {
  const { document: type, end } = coder.tokens;
  const sections = documentSections(document).filter((section) => section !== "");
  const ids = coder.encode(sections.join(" "));
  return typed([{ type, ids: [type, ...ids.subarray(0, most ?? ids.length), end] }]);
}

/** A turn after the token of who speaks, which is its type too. */
function spoken({ type, ids }: Part): Part {
  return { type, ids: [type, ...Array.from(ids)] };
}

function typed(parts: readonly Part[]): TypedTokens {
  const length = parts.reduce((sum, { ids }) => sum + ids.length, 0);
  const [tokens, types] = [new Int32Array(length), new Int32Array(length)];
  let at = 0;
  for (const { type, ids } of parts) {
    tokens.set(ids, at);
    types.fill(type, at, at + ids.length);
    at += ids.length;
  }
  return { tokens, types };
}

function last(ids: Int32Array, count: number): Int32Array {
  return ids.subarray(Math.max(0, ids.length - count));
}

function assertSizes(config: DialogueInputsConfig): void {
  const least = { documentTokens: 0, historyTurns: 0, turnTokens: 1, firstResponse: 0 } as const;
  for (const [name, low] of Object.entries(least) as [keyof typeof least, number][]) {
    const value = config[name];
    if (value !== undefined) assertInteger("dialogueInputs", name, value, low);
  }
}
