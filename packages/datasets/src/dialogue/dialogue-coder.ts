import { encodeBytePairs } from "../byte-pair/encode.js";
import { withSpecialTokens } from "../byte-pair/special-tokens.js";
import type { BytePairVocabulary } from "../byte-pair/vocabulary.js";

/** Ids of the tokens that mark who or what speaks, and where a document ends. */
export interface DialogueTokens {
  /** Never read by the authors' models, but part of their vocabulary. */
  readonly start: number;
  /** Ends the document. */
  readonly end: number;
  readonly padding: number;
  /** Before what the user says who does not open the conversation. */
  readonly speaker1: number;
  /** Before what the user says who opens the conversation. */
  readonly speaker2: number;
  /** Before the document, and its token type. */
  readonly document: number;
}

/** How a conversation becomes tokens. */
export interface DialogueCoder {
  readonly tokens: DialogueTokens;
  /** Ids of a text, none of them one of `tokens`, whatever the text says. */
  encode(text: string): Int32Array;
}

/** A coder with the vocabulary it writes in. */
export interface BytePairDialogueCoder extends DialogueCoder {
  /** The tokenizer's, with the six tokens: what a model's embedding must have, and what decodes. */
  readonly vocabulary: BytePairVocabulary;
}

/** In the order in which the authors' tokenizer numbers them. */
const names = ["<bos>", "<eos>", "<pad>", "<speaker1>", "<speaker2>", "<doc>"] as const;

/**
 * The coder of a byte-level tokenizer with the special tokens of the authors:
 * `<bos>`, `<eos>`, `<pad>`, `<speaker1>`, `<speaker2>` and `<doc>`, with the
 * ids after its last where it lacks them (50257 to 50262 for GPT-2).
 *
 * @example
 * const coder = dialogueCoder(await readTokenizer("gpt2"));
 * coder.tokens.document; // 50262
 */
export function dialogueCoder(tokenizer: BytePairVocabulary): BytePairDialogueCoder {
  const vocabulary = withSpecialTokens(tokenizer, names);
  const plain: BytePairVocabulary = { ...vocabulary, special: [] };
  const [start, end, padding, speaker1, speaker2, document] = names.map(
    (name) => vocabulary.ids.get(name) as number,
  ) as [number, number, number, number, number, number];
  return {
    vocabulary,
    tokens: { start, end, padding, speaker1, speaker2, document },
    encode: (text) => encodeBytePairs(plain, text).ids,
  };
}
