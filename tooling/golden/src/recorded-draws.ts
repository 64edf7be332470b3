import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "./comparison.js";
import type { Fixture } from "./fixture.js";
import { FixtureError, tensor } from "./fixture.js";

/** How near to a border of its bin a draw may lie to be in either: float32 sums of probabilities. */
const border = 1e-4;

/**
 * The positions that an update of sticky memories draws, from the draws that a
 * fixture recorded as `…sticky_uniform` and `…sticky_bins` `[draws, batch]`. The
 * bins are fed forward as given, after they were compared: each must be the one
 * that our probabilities give, but for draws at a bin's border.
 *
 * @param at prefix of the tensors' names.
 * @param attended `[batch, bins]` mass of the attention since the last update.
 * @returns `[batch, draws]`: left edges of the bins, ascending. In the caller's `tf.tidy`.
 * @throws {FixtureError} if a tensor is missing or misshapen.
 */
export function recordedPositions(
  fixture: Fixture,
  comparison: Comparison,
  at: string,
  attended: tf.Tensor2D,
): tf.Tensor2D {
  const [batch, bins] = attended.shape;
  const { data: given, shape } = tensor(fixture, `${at}sticky_bins`);
  const { data: uniforms } = tensor(fixture, `${at}sticky_uniform`);
  const count = shape[0] as number;
  if (shape[1] !== batch || uniforms.length !== given.length) {
    throw new FixtureError(`${fixture.name}: ${at}sticky_bins and sticky_uniform must be [draws, ${batch}]`);
  }
  const mass = attended.dataSync();
  const shares = new Float64Array(mass.length);
  const found = Int32Array.from(given);
  const positions: number[] = [];
  for (let b = 0; b < batch; b++) {
    const row = mass.subarray(b * bins, (b + 1) * bins);
    let total = 0;
    for (const m of row) total += m;
    row.forEach((m, k) => {
      shares[b * bins + k] = m / total;
    });
    const share = shares.subarray(b * bins, (b + 1) * bins);
    const own = Array.from({ length: count }, (_, i) => i * batch + b);
    for (const i of own) found[i] = binOf(share, uniforms[i] as number, given[i] as number);
    positions.push(...own.map((i) => (given[i] as number) / bins).sort((x, y) => x - y));
  }
  comparison.check(`${at}sticky_p`, shares, "float32");
  comparison.check(`${at}sticky_bins`, found, "float32");
  return tf.tensor2d(positions, [batch, count]);
}

/** The bin that a draw falls into; `wanted` where the draw lies at that bin's border or in it. */
function binOf(shares: Float64Array, uniform: number, wanted: number): number {
  let below = 0;
  let bin = 0;
  for (let k = 0; k < shares.length; k++) {
    const above = below + (shares[k] as number);
    if (k === wanted && uniform > below - border && uniform < above + border) return wanted;
    if (above <= uniform) bin = k + 1;
    below = above;
  }
  return bin;
}
