import { type LongTermForm, longTermPresets } from "@infinite-former/transformer";

/**
 * `longTermPresets` of the transformer package, with what the authors' GPT-2
 * language model does beyond their sorting model (`reference`): σ² ≥ 1e-4, a KL
 * penalty with the published μ₀ = −1, whose inverted test selects the form with
 * a mean, and a memory wiped before the call that finds 2,048 positions in it:
 * 4 segments of their 512.
 */
export const gpt2LongTermPresets: Readonly<Record<"paper" | "reference", Readonly<LongTermForm>>> =
  Object.freeze({
    paper: longTermPresets.paper,
    reference: Object.freeze({
      ...longTermPresets.reference,
      varianceFloor: 1e-4,
      priorMean: -1,
      wipeAfter: 4,
    }),
  });
