import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalParameters, momentGradient } from "./canonical.js";
import { expectedParabolaBasis } from "./expected-parabola-basis.js";
import { gaussianBasis } from "./gaussian-basis.js";
import { erf, normalDensity } from "./normal.js";
import { parabolaCanonicalJacobian, parabolaCanonicalVjp } from "./parabola-canonical.js";
import { integrate } from "./quadrature.js";
import { parabolaDensity, parabolaHalfWidth } from "./truncated-parabola.js";

const basis = gaussianBasis({ count: 8, widths: [0.02, 0.1] });
const means = fc.double({ min: -0.2, max: 1.2, noNaN: true });
const variances = fc.double({ min: -12, max: 6, noNaN: true }).map((x) => 10 ** x);

/** The textbook form with the normal's density and CDF; cancels for narrow densities, exact for wide ones. */
function closedForm(mean: number, variance: number, center: number, width: number): number {
  const [reach, distance] = [parabolaHalfWidth(variance), mean - center];
  const [low, high] = [distance - reach, distance + reach];
  const mass = 0.5 * (erf(high / (width * Math.SQRT2)) - erf(low / (width * Math.SQRT2)));
  const edges = high * normalDensity(low / width, 0, 1) - low * normalDensity(high / width, 0, 1);
  return (width * edges - (width * width + low * high) * mass) / (2 * variance);
}

/** Largest difference, as a share of the largest value wanted. */
function error(got: ArrayLike<number>, want: ArrayLike<number>): number {
  const size = Math.max(...Array.from(want, Math.abs));
  const worst = Math.max(...Array.from(want, (w, i) => Math.abs(got[i]! - w)));
  return size === 0 ? worst : worst / size;
}

describe("expectedParabolaBasis", () => {
  it("equals numerical integration of p·ψ over the whole support", () => {
    const law = fc.property(means, fc.double({ min: -9, max: 1, noNaN: true }), (mean, power) => {
      const variance = 10 ** power;
      const reach = parabolaHalfWidth(variance);
      const want = Array.from(basis.centers, (center, j) =>
        integrate(
          (t) => parabolaDensity(t, mean, variance) * normalDensity(t, center, basis.widths[j]! ** 2),
          mean - reach,
          mean + reach,
          400,
        ),
      );
      expect(error(expectedParabolaBasis(mean, variance, basis).value, want)).toBeLessThan(1e-11);
    });
    fc.assert(law, { seed: 201, numRuns: 60 });
  });

  it("equals the closed form for wide densities, up to scales of a million", () => {
    const law = fc.property(means, fc.double({ min: -2, max: 6, noNaN: true }), (mean, power) => {
      const variance = 10 ** power;
      const want = Array.from(basis.centers, (center, j) =>
        closedForm(mean, variance, center, basis.widths[j]!),
      );
      expect(error(expectedParabolaBasis(mean, variance, basis).value, want)).toBeLessThan(1e-12);
    });
    fc.assert(law, { seed: 202, numRuns: 200 });
  });

  it("has the derivatives of its value, scales from 1e-12 to 1e6", () => {
    const law = fc.property(means, variances, (mean, variance) => {
      const { value, byMean, byVariance } = expectedParabolaBasis(mean, variance, basis);
      const at = (m: number, v: number): Float64Array => expectedParabolaBasis(m, v, basis).value;
      const difference = (up: Float64Array, down: Float64Array, step: number): Float64Array =>
        up.map((x, j) => (x - down[j]!) / (2 * step));
      const step = 1e-5 * 0.02;
      const reach = parabolaHalfWidth(variance);
      const numericMean = difference(at(mean + step, variance), at(mean - step, variance), step);
      const size = Math.max(...value) / Math.max(0.02, reach);
      const off = Math.max(...byMean.map((d, j) => Math.abs(d - numericMean[j]!)));
      expect(off).toBeLessThan(1e-7 * size + 1e-9);
      if (reach < 0.01) return; // a narrow density hardly moves r: see the next test
      const change = 1e-5 * variance;
      const numericVariance = difference(at(mean, variance + change), at(mean, variance - change), change);
      const offVariance = Math.max(...byVariance.map((d, j) => Math.abs(d - numericVariance[j]!)));
      expect(offVariance * variance).toBeLessThan(1e-8 * (Math.max(...value) + 1e-3));
    });
    fc.assert(law, { seed: 203, numRuns: 200 });
  });

  it("tends to ψ + a²/10·ψ″ for narrow densities, derivatives too", () => {
    const [mean, variance] = [0.31, 1e-12];
    const reach = parabolaHalfWidth(variance);
    const got = expectedParabolaBasis(mean, variance, basis);
    for (let j = 0; j < basis.count; j++) {
      const width = basis.widths[j]!;
      const z = (mean - basis.centers[j]!) / width;
      const psi = normalDensity(z, 0, 1) / width;
      const curvature = ((z * z - 1) * psi) / width ** 2;
      const size = 1 / width;
      expect(Math.abs(got.value[j]! - psi - (reach ** 2 / 10) * curvature)).toBeLessThan(1e-9 * size);
      expect(Math.abs(got.byMean[j]! + (z * psi) / width)).toBeLessThan((1e-4 * size) / width);
      expect(Math.abs(got.byVariance[j]! * 10 * reach - curvature)).toBeLessThan((1e-4 * size) / width ** 2);
    }
  });
});

describe("canonical parameters of the truncated parabola", () => {
  it("have the Jacobian ∫φψ − ∫φ∫ψ/(2a), by quadrature over the support", () => {
    for (const [mean, variance] of [
      [0.4, 0.01],
      [0.9, 2e-5],
      [0.1, 0.7],
    ] as const) {
      const reach = parabolaHalfWidth(variance);
      const over = (f: (t: number) => number): number => integrate(f, mean - reach, mean + reach, 400);
      const { data } = parabolaCanonicalJacobian(mean, variance, basis);
      for (let j = 0; j < basis.count; j++) {
        const psi = (t: number): number => normalDensity(t, basis.centers[j]!, basis.widths[j]! ** 2);
        for (const k of [1, 2]) {
          const want = over((t) => t ** k * psi(t)) - (over((t) => t ** k) * over(psi)) / (2 * reach);
          expect(Math.abs(data[(k - 1) * basis.count + j]! - want)).toBeLessThan(1e-12);
        }
      }
    }
  });

  it("give the same gradient by mean and variance as the direct form, and the slope of r along θ", () => {
    const cotangent = Float64Array.from({ length: basis.count }, (_, j) => Math.sin(3 * j + 1));
    const sum = (d: Float64Array): number => d.reduce((total, x, j) => total + x * cotangent[j]!, 0);
    const law = fc.property(means, fc.double({ min: 1e-3, max: 1, noNaN: true }), (mean, variance) => {
      const theta = parabolaCanonicalVjp(mean, variance, basis, cotangent);
      const direct = expectedParabolaBasis(mean, variance, basis);
      const got = momentGradient(mean, variance, theta);
      expect(Math.abs(got.byMean - sum(direct.byMean))).toBeLessThan(1e-9);
      expect(Math.abs(got.byVariance - sum(direct.byVariance))).toBeLessThan(1e-7);
      const along = (step: number): number => {
        const [first, second] = canonicalParameters(mean, variance);
        const scale = -0.5 / (second * (1 + step));
        return sum(expectedParabolaBasis(first * scale, scale, basis).value);
      };
      const second = -0.5 / variance;
      const numeric = (along(1e-5) - along(-1e-5)) / (2e-5 * second);
      expect(Math.abs(theta[1] - numeric)).toBeLessThan(1e-6);
    });
    fc.assert(law, { seed: 204, numRuns: 100 });
  });

  it("refuse a cotangent of another length", () => {
    expect(() => parabolaCanonicalVjp(0.5, 0.1, basis, [1])).toThrow(
      "parabolaCanonicalVjp: cotangent must have 8 elements, got 1",
    );
  });
});
