import type { LongTermConfig } from "@infinite-former/transformer";
import type { ModelSettings } from "../config/schema.js";

/** What a run's settings say of a long-term memory, in whatever model it is. */
export function longTermSettings(settings: ModelSettings): Partial<LongTermConfig> {
  const { basis, basisWidths, basisPeriod, basisCount, ridge, contraction, sampleCount } = settings;
  const { grid, padding, sampling, stickyBins, stickyPositions, wipeAfter } = settings;
  const { gate, density, densityCount, densityFrom, affineBias, varianceFloor, priorWidth, priorMean } =
    settings;
  return {
    basis,
    basisCount,
    ...(basis === "gaussian" ? { basisWidths } : {}),
    ...(basisPeriod === null ? {} : { basisPeriod }),
    ridge,
    contraction,
    sampleCount,
    grid,
    padding,
    sampling,
    stickyBins,
    stickyPositions,
    wipeAfter,
    gate,
    density,
    densityCount,
    densityFrom,
    affineBias,
    varianceFloor,
    priorWidth,
    priorMean,
  };
}
