import {
  designMatrix,
  fitContracted,
  fitSegment,
  gaussianBasis,
  multiplyTransposed,
  sampledPositions,
} from "@infinite-former/signal";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { describe, expect, it } from "vitest";
import { resolveMemoryConfig } from "./config.js";
import { updateFits } from "./fits.js";

const options = (["midpoints", "endpoints", "mixed"] as const).flatMap((grid) =>
  (["zeros", "none"] as const).map((padding) => ({ grid, padding })),
);
const sizes = { basisCount: 10, basisWidths: [0.05, 0.1], ridge: 0.2, contraction: 0.6, sampleCount: 9 };

describe("updateFits", () => {
  it.each(options)("are the fits of signal, cut and composed: %j", (option) => {
    const config = resolveMemoryConfig({ ...sizes, ...option });
    const { first, take, resample, carry } = updateFits(config, 7);
    const basis = gaussianBasis({ count: 10, widths: [0.05, 0.1] });
    const settings = { basis, length: 7, ridge: 0.2, ...option };
    const alone = fitSegment(settings); // [7, 10]
    const later = fitContracted({ ...settings, sampleCount: 9, contraction: 0.6 }); // [16, 10]
    const past = { rows: 9, columns: 10, data: later.data.slice(0, 90) };
    const read = designMatrix(basis, sampledPositions(9, option.grid)); // [10, 9]
    const values = { rows: 9, columns: 10, data: new Float64Array(90) };
    for (let i = 0; i < 90; i++) values.data[i] = read.data[(i % 10) * 9 + Math.floor(i / 10)] as number;
    expectClose(carry.data, multiplyTransposed(past, values).data, { abs: 1e-15, rel: 1e-12 });
    for (let j = 0; j < 10; j++) {
      for (let i = 0; i < 7; i++) {
        expect(first.data[j * 7 + i]).toBe(alone.data[i * 10 + j]);
        expect(take.data[j * 7 + i]).toBe(later.data[(9 + i) * 10 + j]);
      }
      for (let i = 0; i < 9; i++) expect(resample.data[j * 9 + i]).toBe(later.data[i * 10 + j]);
    }
  });

  it("are computed once for all configurations that differ in nothing they depend on", () => {
    const fits = updateFits(resolveMemoryConfig(sizes), 5);
    const same = { ...sizes, segmentLength: 99, sampling: "sticky", wipeAfter: 3 } as const;
    expect(updateFits(resolveMemoryConfig(same), 5)).toBe(fits);
    for (const change of [
      { basisCount: 12 },
      { basisWidths: [0.1, 0.05] },
      { ridge: 0.3 },
      { contraction: 0.7 },
      { sampleCount: 8 },
      { grid: "endpoints" },
      { padding: "none" },
    ] as const) {
      expect(updateFits(resolveMemoryConfig({ ...sizes, ...change }), 5)).not.toBe(fits);
    }
    expect(updateFits(resolveMemoryConfig(sizes), 6)).not.toBe(fits);
    expect(updateFits(resolveMemoryConfig(sizes), 5)).toBe(fits);
  });
});
