import type { DensityFamily } from "@infinite-former/attention";
import { FixtureError } from "../fixture.js";

/** The density of the authors' `softmax` or `sparsemax`. @throws {FixtureError} for another name. */
export function densityOf(name: string): DensityFamily {
  if (name === "softmax") return "gaussian";
  if (name === "sparsemax") return "truncated-parabola";
  throw new FixtureError(`the attention's density must be softmax or sparsemax, got ${name}`);
}
