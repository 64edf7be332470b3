import type { LongTermConfig } from "./config.js";

/** What paper and authors' code answer differently about a long-term memory. */
export type LongTermForm = Pick<
  LongTermConfig,
  "grid" | "padding" | "gate" | "affineBias" | "varianceFloor" | "priorMean" | "stickyPositions" | "wipeAfter"
>;

/**
 * Options of a long-term memory that belong together:
 *
 * - `paper`: as its formulas stand. Vectors at `i/L`, the regression on them
 *   alone, no gate, affine maps with biases, σ² as softplus gives it, samples
 *   anywhere in a drawn bin, nothing is ever wiped.
 * - `reference`: as the authors' sorting model computes. Mid-points for the
 *   first segment and end points later, zeros fitted outside `[0, 1]`, a gate,
 *   no biases, σ² ≥ 1e-6, samples at left edges. (Their GPT-2 models have more
 *   of it: `gpt2LongTermPresets` of the gpt2 package.)
 *
 * Sizes, τ, λ, widths and the kind of sampling are no part of a preset: spread
 * one into `longTerm` beside them.
 *
 * @example
 * createInfiniteFormer({ ...sizes, longTerm: { ...longTermPresets.paper, basisCount: 64 } }, rng);
 */
export const longTermPresets: Readonly<Record<"paper" | "reference", Readonly<LongTermForm>>> = Object.freeze(
  {
    paper: Object.freeze({
      grid: "endpoints",
      padding: "none",
      gate: false,
      affineBias: true,
      varianceFloor: 0,
      priorMean: null,
      stickyPositions: "within-bin",
      wipeAfter: null,
    }),
    reference: Object.freeze({
      grid: "mixed",
      padding: "zeros",
      gate: true,
      affineBias: false,
      varianceFloor: 1e-6,
      priorMean: null,
      stickyPositions: "left-edge",
      wipeAfter: null,
    }),
  },
);
