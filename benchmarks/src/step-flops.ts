import type { SortingSize } from "./sizes.js";

type Counted = "infinite-former" | "transformer-xl";

/**
 * Floating-point operations of the matrix products in one training step of a
 * sorting model: what the mathematics needs, not what an implementation does.
 * A product `[m, k]` by `[k, n]` counts `2·m·k·n`; all else counts nothing.
 *
 * With B rows, L tokens a segment, S rows of memory read, K = S + L keys, width
 * D, H·d = D over all heads, inner width I, N basis functions. One layer, once:
 * - queries, output: `2·B·L·D·D` each; keys and values: `2·B·K·D·2D`;
 *   distances: `2·K·D·D`;
 * - scores by content, scores by distance, weighted sum: `2·B·L·K·D` each;
 * - position-wise layers: `2·B·L·D·I` each of two;
 * - long-term memory: values and output `2·B·N·D·D + 2·B·L·D·D`; keys met by
 *   the two maps of density `2·B·N·D·D`; read-out `2·B·L·N·D`; update with gate
 *   `3·2·B·L·D·D`, `2·B·N·L·D` for the segment and `2·B·N·N·D` for the past.
 *
 * The last segment counts three times (forward, and the gradients by both
 * factors of each product) in all layers, and its output head; but the past's
 * share of an update, a constant, once. The others count once, their last layer
 * not at all beyond its update, for nobody reads its output; and the last layer
 * of the last segment works for the A answers alone (L is A there), but for the
 * queries of a long-term memory, whose densities are all penalised. A segment
 * reads the S rows that there are: none in the first segment, min(S, L) in the
 * second.
 */
export function stepFlops(model: Counted, size: SortingSize): number {
  const { layers, batch, segments, segmentLength: length, modelSize, vocabularySize, answers } = size;
  let total = 3 * 2 * batch * answers * modelSize * vocabularySize;
  for (let segment = 0; segment < segments; segment++) {
    const last = segment === segments - 1;
    const past = segment * length;
    const keys = length + Math.min(size[model].shortTermLength, past);
    const remembers = model === "infinite-former";
    const memory = remembers ? longTermFlops(size, segment, length) : none;
    const forward = blockFlops(size, keys, length, length) + memory.read;
    if (last) {
      const top = remembers ? longTermFlops(size, segment, answers) : none;
      const final = blockFlops(size, keys, answers, remembers ? length : answers) + top.read;
      total += 3 * ((layers - 1) * forward + final + layers * memory.take) + layers * memory.carry;
    } else total += (layers - 1) * forward + layers * (memory.take + memory.carry);
  }
  return total;
}

const none = { read: 0, take: 0, carry: 0 };

/** A block that goes on with `rows` tokens of a segment and projects queries of `asking` ones. */
function blockFlops(
  { batch, modelSize: model, innerSize }: SortingSize,
  keys: number,
  rows: number,
  asking: number,
): number {
  const projections = 2 * batch * model * model * (asking + rows + 2 * keys) + 2 * keys * model * model;
  return projections + 3 * 2 * batch * rows * keys * model + 2 * 2 * batch * rows * model * innerSize;
}

/** What reading the memory for `rows` tokens costs in a segment, and absorbing the segment that leaves: what it adds, what the past keeps. */
function longTermFlops(size: SortingSize, segment: number, rows: number): typeof none {
  const { batch, segmentLength: length, modelSize: model } = size;
  const { basisCount, shortTermLength, longTermLength } = size["infinite-former"];
  const absorbed = Math.floor((segment * length - shortTermLength) / longTermLength);
  if (absorbed < 1) return none;
  return {
    read: 2 * batch * model * (2 * basisCount * model + rows * model + rows * basisCount),
    take: 2 * batch * longTermLength * model * (3 * model + basisCount),
    carry: absorbed < 2 ? 0 : 2 * batch * basisCount * basisCount * model,
  };
}
