import { evaluateSignal, type Matrix, matrix } from "@infinite-former/signal";
import { assertShape, ConfigError } from "@infinite-former/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { checkMemory } from "./check-memory.js";
import type { LongTermMemory } from "./long-term.js";
import { checkRowCount, type Origins, positionOf, type RowOrigins } from "./origins.js";
import type { MemoryPlan } from "./plan.js";
import { segmentPlaces } from "./segment-places.js";

/** What is known of the memory beside its numbers. */
export interface ReconstructionOptions {
  /** Of the memory, see `absorbOrigins`. Needed where sampling is sticky, or a memory was merged; without them places are those of even sampling. */
  readonly origins?: Origins;
}

/**
 * How well a memory remembers, by age: of each segment the relative squared
 * error `Σ_j ‖x̄(t_j) − x_j‖² / Σ_j ‖x_j‖²`, where t_j is the place at which
 * vector j lies by now. 0 is a perfect memory; 1 is as good as none, and above
 * 1 something else lies there.
 *
 * Signal and sums are computed in float64 on plain arrays; the cost is that of
 * evaluating at every vector of the past, so it is a measurement, not a step.
 *
 * @param plan of the memory. @param memory borrowed until the promise settles.
 * @param past `[batch, length, model]` each: the segments as `absorb` got them, oldest
 *   first; lengths may differ. A row's are the last `segments` of them. Borrowed likewise.
 * @returns `[batch][age]`: first the newest segment, as many as the row has absorbed since its
 *   last reset and `past` holds. 0 where a segment of zeros is remembered as zeros.
 * @throws {ShapeError} `ERR_SHAPE`, {ConfigError} `ERR_CONFIG` naming what does not fit the plan;
 *   `origins` missing where sampling is sticky.
 * @throws {RangeError} if `origins` have other rows or counts than the memory.
 */
export async function reconstructionError(
  plan: MemoryPlan,
  memory: LongTermMemory,
  past: readonly tf.Tensor3D[],
  { origins }: ReconstructionOptions = {},
): Promise<readonly (readonly number[])[]> {
  const { config, basis } = plan;
  const sizes = checkMemory("reconstructionError", "memory", memory, config);
  past.forEach((segment, i) => {
    assertShape("reconstructionError", `past.${i}`, segment, "[batch, length, model]", sizes);
  });
  const { batch, model } = sizes;
  if (origins) checkRowCount("reconstructionError", "origins", origins.length, batch);
  else if (config.sampling === "sticky") {
    const message = "reconstructionError: origins must be given where sampling is sticky, got none";
    throw new ConfigError("origins", message);
  }
  const coefficients = await rowsOf(memory.coefficients);
  const counts = await memory.segments.data();
  const segments = await Promise.all(past.map(rowsOf));
  return coefficients.map((own, b) => {
    const count = counts[b] as number;
    const row = origins?.[b];
    if (row) checkCount(b, row, count);
    return Array.from({ length: Math.min(count, past.length) }, (_, age) => {
      const truth = (segments[past.length - 1 - age] as Matrix[])[b] as Matrix;
      const places = row
        ? vectorPlaces(row, age, truth.rows)
        : segmentPlaces(config, truth.rows, age, age === count - 1);
      return relativeSquare(evaluateSignal(basis, matrix(basis.count, model, own.data), places), truth);
    });
  });
}

/** Where the vectors of a segment lie by what is known of the row's samples. */
function vectorPlaces(row: RowOrigins, age: number, length: number): number[] {
  const segment = row.segments - 1 - age;
  return Array.from({ length }, (_, j) => positionOf(row, segment + (j + 0.5) / length));
}

/** Each batch row of `[batch, rows, columns]`. */
async function rowsOf(tensor: tf.Tensor3D): Promise<Matrix[]> {
  const [batch, rows, columns] = tensor.shape;
  const data = await tensor.data();
  const size = rows * columns;
  return Array.from({ length: batch }, (_, b) =>
    matrix(rows, columns, Float64Array.from(data.subarray(b * size, (b + 1) * size))),
  );
}

function relativeSquare(got: Matrix, want: Matrix): number {
  let [error, size] = [0, 0];
  want.data.forEach((value, i) => {
    error += ((got.data[i] as number) - value) ** 2;
    size += value ** 2;
  });
  return error === 0 ? 0 : error / size;
}

function checkCount(b: number, { segments }: RowOrigins, count: number): void {
  if (segments === count) return;
  throw new RangeError(
    `reconstructionError: origins[${b}].segments must be ${count} as in the memory, got ${segments}`,
  );
}
