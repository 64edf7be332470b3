import { type MemoryConfig, memoryGrowth, resolveMemoryConfig, updateFits } from "@infinite-former/memory";
import { coefficients, evaluateSignal, gaussianBasis, matrix, transpose } from "@infinite-former/signal";

/** By what factor an update multiplies what is remembered, in the long run. */
export interface Growth {
  readonly model: string;
  /** Samples of the past evenly spaced. */
  readonly even: number;
  /** Sticky memories whose attention stays on one bin for ever, on the worst one. */
  readonly worstBin: number;
}

const language = { basisWidths: [0.005, 0.01], contraction: 0.5, ridge: 0.5, segmentLength: 512 };
const models: Readonly<Record<string, Partial<MemoryConfig>>> = {
  "sorting, N = 512": {},
  "language, N = 512": language,
  "trainer's default, N = 32": { basisCount: 32, segmentLength: 32, sampleCount: 64 },
  "paper form, N = 512": { grid: "endpoints", padding: "none" },
  "too few samples, N = 24": {
    ...language,
    basisCount: 24,
    contraction: 0.7,
    sampleCount: 20,
    segmentLength: 17,
  },
};

/** The growth of some models. */
export function growths(): Growth[] {
  return Object.entries(models).map(([model, options]) => {
    const config = resolveMemoryConfig(options);
    return { model, even: memoryGrowth(config), worstBin: worstBin(config) };
  });
}

/**
 * All samples at t: the update writes `x̄(t)` over the whole of `[0, τ]`, and what
 * it then reads at t is that times the fit of a 1 there.
 */
function worstBin(config: MemoryConfig): number {
  const { resample } = updateFits(config, config.segmentLength);
  const ones = matrix(config.sampleCount, 1, new Float64Array(config.sampleCount).fill(1));
  const step = coefficients(transpose(resample), ones);
  const basis = gaussianBasis({ count: config.basisCount, widths: config.basisWidths });
  const edges = Array.from({ length: config.stickyBins }, (_, k) => k / config.stickyBins);
  return Math.max(...evaluateSignal(basis, step, edges).data);
}
