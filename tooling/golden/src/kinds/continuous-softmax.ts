import { canonicalJacobian, canonicalVjp, expectedGaussianBasis } from "@infinite-former/signal";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { checkContinuousDensity } from "./continuous-density.js";

/** Kind `continuous_softmax`: expected basis under Gaussian densities. */
export function checkContinuousSoftmax(fixture: Fixture, comparison: Comparison): void {
  checkContinuousDensity(fixture, comparison, {
    family: "gaussian",
    expected: expectedGaussianBasis,
    jacobian: canonicalJacobian,
    vjp: canonicalVjp,
  });
}
