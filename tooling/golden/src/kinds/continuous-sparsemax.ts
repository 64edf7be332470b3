import {
  expectedParabolaBasis,
  parabolaCanonicalJacobian,
  parabolaCanonicalVjp,
} from "@infinite-former/signal";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { checkContinuousDensity } from "./continuous-density.js";

/** Kind `continuous_sparsemax`: expected basis under truncated parabolas. */
export function checkContinuousSparsemax(fixture: Fixture, comparison: Comparison): void {
  checkContinuousDensity(fixture, comparison, {
    family: "truncated-parabola",
    expected: expectedParabolaBasis,
    jacobian: parabolaCanonicalJacobian,
    vjp: parabolaCanonicalVjp,
  });
}
