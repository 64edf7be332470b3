import { describe, expect, it } from "vitest";
import { resolveLongTermConfig } from "./config.js";
import { longTermStructure } from "./long-term-structure.js";

describe("longTermStructure", () => {
  it.each([
    ["gaussian", ["basisWidths"]],
    ["fourier", ["basisPeriod"]],
    ["legendre", []],
    ["rectangular", []],
  ] as const)(
    "names the fields that weights over %s functions are made for, of its shape %j alone",
    (basis, shape) => {
      const longTerm = resolveLongTermConfig({ segmentLength: 8, basisCount: 8, basis });
      const fields = longTermStructure(longTerm);
      expect(fields.filter((field) => field.startsWith("basis"))).toEqual(["basis", "basisCount", ...shape]);
      for (const field of fields) expect(longTerm).toHaveProperty(field);
      for (const use of ["ridge", "contraction", "sampling", "wipeAfter"] as const)
        expect(fields).not.toContain(use);
    },
  );
});
