import {
  type CmuDog,
  type Conversation,
  type DialogueCoder,
  type DialogueInputs,
  dialogueInputs,
  type FilmDocument,
  type TypedTokens,
  turnsOf,
} from "@infinite-former/datasets";
import { createRng, shuffle } from "@infinite-former/random";
import type { DataSettings } from "../config/dialogue-config.js";

/** Part of the data set. */
export type Split = "train" | "valid" | "test";

/** One turn to be predicted, as a model reads what is before it. */
export interface Response {
  /** Name of the conversation. */
  readonly conversation: string;
  /** Number of the turn, from 0. */
  readonly turn: number;
  /** Document, then the turns before, up to the token of who responds. */
  readonly past: TypedTokens;
  readonly response: Int32Array;
  /** The response as text. */
  readonly text: string;
  /** Token of who responds, its type. */
  readonly type: number;
  /** Token of the other, which ends the response. */
  readonly other: number;
}

/** The responses of a split, tokenised as they are asked for. */
export interface Responses {
  readonly length: number;
  at(index: number): Response;
}

/** @returns the responses of a split in the order of conversations and turns. */
export function responsesOf(
  data: CmuDog,
  split: Split,
  coder: DialogueCoder,
  settings: DataSettings,
): Responses {
  const { withDocument, firstResponse, documentTokens, historyTurns, turnTokens } = settings;
  const config = {
    withDocument,
    firstResponse,
    ...(documentTokens === null ? {} : { documentTokens }),
    ...(historyTurns === null ? {} : { historyTurns }),
    ...(turnTokens === null ? {} : { turnTokens }),
  };
  const places = data[split].flatMap((conversation) => {
    const count = Math.max(0, turnsOf(conversation).length - firstResponse);
    return Array.from({ length: count }, (_, index) => ({ conversation, index }));
  });
  let last: { readonly conversation: Conversation; readonly inputs: DialogueInputs } | null = null;
  const inputsOf = (conversation: Conversation): DialogueInputs => {
    if (last?.conversation === conversation) return last.inputs;
    const document = data.documents.get(conversation.document) as FilmDocument;
    const inputs = dialogueInputs(coder, document, conversation, config);
    last = { conversation, inputs };
    return inputs;
  };
  const { speaker1, speaker2 } = coder.tokens;
  return {
    length: places.length,
    at(place) {
      const { conversation, index } = places[place] as (typeof places)[number];
      const { document, responses } = inputsOf(conversation);
      const { turn, history, response, text } = responses[index] as (typeof responses)[number];
      const type = history.types.at(-1) as number;
      return {
        conversation: conversation.name,
        turn,
        past: {
          tokens: Int32Array.of(...document.tokens, ...history.tokens),
          types: Int32Array.of(...document.types, ...history.types),
        },
        response,
        text,
        type,
        other: type === speaker1 ? speaker2 : speaker1,
      };
    },
  };
}

/** The order of training: every response once an epoch, each epoch in an order of its own. */
export function trainingOrder(length: number, seed: number): (place: number) => number {
  const all = Array.from({ length }, (_, index) => index);
  let known: { readonly epoch: number; readonly order: readonly number[] } | null = null;
  return (place) => {
    const epoch = Math.floor(place / length);
    if (known?.epoch !== epoch) {
      known = { epoch, order: shuffle(createRng(seed).split(`epoch ${epoch}`), all) };
    }
    return known.order[place % length] as number;
  };
}

/** Numbers of `count` responses, evenly spread over all, ascending; all where there are fewer. */
export function evenlySpread(length: number, count: number): number[] {
  const some = Math.min(length, count);
  return Array.from({ length: some }, (_, index) => Math.floor((index * length) / some));
}
