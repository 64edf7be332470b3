import type { Rng } from "@infinite-former/random";
import { descending } from "./descending.js";
import { RequestError } from "./request-error.js";

/** How the next token is chosen from the logits. */
export interface SamplingOptions {
  /** Divides the logits, ≥ 0; 0 takes the likeliest token. Default 1. */
  readonly temperature?: number;
  /** Keeps the k likeliest tokens; 0 or absent keeps all. */
  readonly topK?: number;
  /** Keeps the smallest set of likeliest tokens whose probability reaches p, in (0, 1]. Default 1. */
  readonly topP?: number;
  /** Keeps tokens of at least this share of the likeliest one's probability, in [0, 1]; 0 keeps all. Default 0. */
  readonly minP?: number;
  /**
   * Above 1 makes tokens less likely that a sequence has already, in its prompt or what was generated: their
   * positive scores are divided by it, negative ones multiplied. Above 0; default 1.
   *
   * @see Keskar et al. (2019), "CTRL", section 4.1, https://arxiv.org/abs/1909.05858
   */
  readonly repetitionPenalty?: number;
}

/**
 * Chooses a token from logits: first the penalty, then temperature, top-k,
 * top-p and min-p, each of the last two by the tempered probabilities. Ties go
 * to the smaller id, so equal seeds give equal tokens.
 *
 * @param given one score per token id.
 * @param rng consumed once, unless the temperature is 0.
 * @param repeated ids that the penalty meets.
 * @throws {RequestError} `ERR_REQUEST` naming the option out of range, or if a logit is NaN or all are −∞.
 */
export function sampleToken(
  given: ArrayLike<number>,
  options: SamplingOptions,
  rng: Rng,
  repeated: Iterable<number> = [],
): number {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 } = checkSampling(options);
  const logits = repetitionPenalty === 1 ? given : penalised(given, repetitionPenalty, repeated);
  const best = likeliest(logits);
  if (temperature === 0) return best;
  const top = logits[best] as number;
  const weight = (id: number): number => Math.exp(((logits[id] as number) - top) / temperature);
  if ((topK === 0 || topK >= logits.length) && topP === 1 && minP === 0)
    return drawn(logits.length, weight, best, rng);
  const ids = descending(logits);
  let count = topK > 0 ? Math.min(topK, logits.length) : logits.length;
  let total = 0;
  if (count === logits.length) for (let id = 0; id < count; id++) total += weight(id);
  else for (let rank = 0; rank < count; rank++) total += weight(ids.at(rank));
  if (topP < 1) {
    const share = topP * total;
    let rank = 0;
    for (total = 0; rank < count && total < share; rank++) total += weight(ids.at(rank));
    count = rank;
  }
  if (minP > 0) {
    // The likeliest token's weight is 1, and weights fall with rank.
    let rank = 0;
    for (total = 0; rank < count && weight(ids.at(rank)) >= minP; rank++) total += weight(ids.at(rank));
    count = rank;
  }
  // From the likeliest down, so that few have to be put in order.
  let rest = rng.uniform() * total;
  for (let rank = 0; rank < count - 1; rank++) {
    const id = ids.at(rank);
    rest -= weight(id);
    if (rest < 0) return id;
  }
  return ids.at(count - 1);
}

/** Scores with those of repeated tokens taken down. */
function penalised(logits: ArrayLike<number>, penalty: number, repeated: Iterable<number>): Float32Array {
  const scores = Float32Array.from(logits);
  for (const id of new Set(repeated)) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score > 0 ? score / penalty : score * penalty;
  }
  return scores;
}

/** One of all tokens, which need no order. */
function drawn(count: number, weight: (id: number) => number, best: number, rng: Rng): number {
  let total = 0;
  const sums = Float64Array.from({ length: count }, (_, id) => {
    total += weight(id);
    return total;
  });
  const target = rng.uniform() * total;
  const id = sums.findIndex((sum) => target < sum);
  return id < 0 ? best : id; // rounding may leave a crumb above the last sum
}

/** @throws {RequestError} `ERR_REQUEST` for NaN, or where there is no finite highest score. */
function likeliest(logits: ArrayLike<number>): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const score = logits[id] as number;
    if (score > most) [best, most] = [id, score];
    else if (Number.isNaN(score)) {
      throw new RequestError(`sampleToken: logits[${id}] must be a number, got NaN`);
    }
  }
  if (!Number.isFinite(most)) {
    throw new RequestError("sampleToken: logits must have one finite score at least, got none");
  }
  return best;
}

/**
 * Checks sampling options before any work is done.
 *
 * @throws {RequestError} `ERR_REQUEST` naming the option out of range.
 */
export function checkSampling(options: SamplingOptions): SamplingOptions {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new RequestError(`sampling: temperature must be a finite number of at least 0, got ${temperature}`);
  }
  if (!Number.isSafeInteger(topK) || topK < 0) {
    throw new RequestError(`sampling: topK must be an integer of at least 0, got ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RequestError(`sampling: topP must be in (0, 1], got ${topP}`);
  if (!(minP >= 0 && minP <= 1)) throw new RequestError(`sampling: minP must be from 0 to 1, got ${minP}`);
  if (!(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty))) {
    throw new RequestError(
      `sampling: repetitionPenalty must be a finite number above 0, got ${repetitionPenalty}`,
    );
  }
  return options;
}
