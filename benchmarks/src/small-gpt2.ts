import { createGpt2, type Gpt2 } from "@infinite-former/gpt2";
import type { Rng } from "@infinite-former/random";
import { sizes } from "./sizes.js";

/** Dropout of GPT-2 as published, everywhere. */
export const gpt2Dropout = 0.1;

/** GPT-2 small with random weights, read in segments of one block; with a long-term memory if asked. */
export function smallGpt2(memory: boolean, rng: Rng): Gpt2 {
  const { layers, modelSize, heads, vocabularySize, block, longTerm } = sizes.gpt2;
  const dropout = { embedding: gpt2Dropout, attention: gpt2Dropout, residual: gpt2Dropout };
  const body = { layers, modelSize, heads, vocabularySize, dropout, positions: 1024, segmentLength: block };
  return createGpt2(memory ? { ...body, longTerm } : body, rng);
}
