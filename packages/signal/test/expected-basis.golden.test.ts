import { expectClose } from "@infinite-former/tooling-vitest/close";
import { describe, expect, it } from "vitest";
import {
  canonicalJacobian,
  canonicalParameters,
  canonicalVjp,
  expectedGaussianBasis,
  expectedParabolaBasis,
  gaussianBasis,
  parabolaCanonicalJacobian,
  parabolaCanonicalVjp,
} from "../src/index.js";
import { readFixture } from "./fixture.js";

interface Case {
  readonly name: string;
  readonly N: number;
  readonly sigmas: number[];
  readonly n: number;
}

/** What is checked under each density. */
const densities = [
  {
    name: "continuous_softmax",
    expected: expectedGaussianBasis,
    jacobian: canonicalJacobian,
    vjp: canonicalVjp,
  },
  {
    name: "continuous_sparsemax",
    expected: expectedParabolaBasis,
    jacobian: parabolaCanonicalJacobian,
    vjp: parabolaCanonicalVjp,
  },
];

describe.each(densities)("the golden numbers of $name", ({ name, expected, jacobian, vjp }) => {
  const fixture = readFixture<Case>(name);
  it.each(fixture.cases.map((c) => [c.name, c] as const))("are met in float64: %s", (_, c) => {
    const basis = gaussianBasis({ count: c.N, widths: c.sigmas });
    const means = fixture.tensor(`${c.name}.mu`).data;
    const variances = fixture.tensor(`${c.name}.s2`).data;
    const cotangents = fixture.tensor(`${c.name}.g`).data;
    const rows = Array.from(means, (mean, i) => {
      const variance = variances[i]!;
      const g = cotangents.subarray(i * c.N, (i + 1) * c.N);
      const r = expected(mean, variance, basis);
      return {
        theta64: canonicalParameters(mean, variance),
        r64: r.value,
        vjp_theta64: vjp(mean, variance, basis, g),
        grad_mu64: [r.byMean.reduce((sum, d, j) => sum + d * g[j]!, 0)],
        grad_s264: [r.byVariance.reduce((sum, d, j) => sum + d * g[j]!, 0)],
        jac_theta64: jacobian(mean, variance, basis).data,
      };
    });
    const got = new Map<string, ArrayLike<number>>([
      ["basis_mu64", basis.centers],
      ["basis_sigma64", basis.widths],
    ]);
    for (const key of ["theta64", "r64", "vjp_theta64", "grad_mu64", "grad_s264", "jac_theta64"] as const) {
      got.set(
        key,
        rows.flatMap((row) => [...row[key]]),
      );
    }
    const names = fixture.expected.filter((key) => key.startsWith(`${c.name}.`));
    expect(names.length).toBe(8);
    for (const key of names) {
      const values = got.get(key.slice(c.name.length + 1));
      if (!values) throw new Error(`${key} is not computed`);
      expectClose(values, fixture.tensor(key).data, { ...fixture.limit, name: key });
    }
  });
});
