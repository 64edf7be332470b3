import { assertShape, stopGradient, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { assertFloat32, assertGivenWhereSticky, checkMemory } from "./check-memory.js";
import type { LongTermMemory } from "./long-term.js";
import type { MemoryPlan, UpdateMaps } from "./plan.js";
import { resample } from "./resample.js";

/** How a segment is absorbed. */
export interface AbsorbOptions {
  /** `[batch]` of 1 (absorb) and 0 (keep the row as it is); all by default. */
  readonly active?: tf.Tensor1D;
  /**
   * `[batch, sampleCount]`: where the past is sampled, ascending in each row.
   * Given exactly where `sampling` is sticky; `drawPositions` makes them.
   */
  readonly positions?: tf.Tensor2D;
  /** Whether gradients reach the past's coefficients; not by default, as in the authors' code. */
  readonly throughPast?: boolean;
}

/**
 * The memory after one more segment.
 *
 * A row without a past is fitted to the segment alone, `B = Gᵀ X`. In the
 * others the past signal is sampled at `i/M`, squeezed into `[0, τ]` and fitted
 * anew together with the segment, which takes `(τ, 1]`. Both steps are linear,
 * so here they are one product each, composed in float64 by the plan:
 * `B' = carry · B + take · X`. Sticky memories sample each row at positions of
 * its own instead: `B' = G_infᵀ[:, :M] · (Ψ(positions) · B) + take · X`. Which
 * fit a row gets follows from the tensor `segments`, without reading it back.
 *
 * @param plan of the configuration under which `past` was made. With
 *   `wipeAfter`, a row that has absorbed so many segments has no past any more.
 * @param past borrowed; a constant to gradients, unless `throughPast` says otherwise.
 * @param segment `[batch, length, model]`, X. Borrowed. Any length ≥ 1.
 * @returns a new memory, owned by the caller; its attention mass starts at 0.
 *   Differentiable in `segment`, and in the coefficients of `past` with `throughPast`.
 * @throws {ShapeError} `ERR_SHAPE` naming the tensor whose shape or type does not fit the others or the plan.
 * @throws {ConfigError} `ERR_CONFIG` if positions or attention mass are missing
 *   where sampling is sticky, or given where it is uniform.
 * @see Martins, Marinho & Martins (2022), sections 3.2 and 3.3, https://arxiv.org/abs/2109.00301
 */
export function absorb(
  plan: MemoryPlan,
  past: LongTermMemory,
  segment: tf.Tensor3D,
  options: AbsorbOptions = {},
): LongTermMemory {
  const { batch, basis, length } = checkArguments(plan, past, segment, options);
  const maps = plan.update(length);
  return tidyTree(() => {
    const before = options.throughPast ? past : constant(past);
    const isLater = hasPast(before.segments, plan.config.wipeAfter);
    const choice = tf.stack([tf.sub(1, isLater), isLater], 1); // [batch, 2]
    const fits = tf.reshape(tf.matMul(choice, maps.firstAndTake), [batch, basis, length]);
    const old = tf.mul(before.coefficients, tf.reshape(isLater, [batch, 1, 1])) as tf.Tensor3D;
    const kept = contract(plan, maps, old, options);
    const next: LongTermMemory = {
      coefficients: tf.add(tf.matMul(fits, segment), kept) as tf.Tensor3D,
      segments: tf.add(tf.mul(before.segments, isLater), 1) as tf.Tensor1D,
      ...(before.attended ? { attended: tf.zerosLike(before.attended) } : {}),
    };
    return options.active ? chooseRows(options.active, next, before) : next;
  });
}

function constant({ coefficients, segments, attended }: LongTermMemory): LongTermMemory {
  return {
    coefficients: stopGradient(coefficients),
    segments: stopGradient(segments),
    ...(attended ? { attended: stopGradient(attended) } : {}),
  };
}

/** `[batch]`: 1 where a row has absorbed something, and not so much that it is wiped. */
function hasPast(segments: tf.Tensor1D, wipeAfter: number | null): tf.Tensor1D {
  const some = tf.greater(segments, 0);
  const past = wipeAfter === null ? some : tf.logicalAnd(some, tf.less(segments, wipeAfter));
  return tf.cast(past, "float32") as tf.Tensor1D;
}

/** The past's share of the new coefficients, `[batch, basis, model]`. */
function contract(
  plan: MemoryPlan,
  { carry, resample: fit }: UpdateMaps,
  old: tf.Tensor3D,
  { positions, throughPast = false }: AbsorbOptions,
): tf.Tensor {
  if (!positions || !fit) return tf.matMul(tf.expandDims(carry, 0), old);
  return resample(plan, { coefficients: old, positions, fit, throughPast });
}

/** `next` in rows where `chosen` is 1, `before` in the others. */
function chooseRows(chosen: tf.Tensor1D, next: LongTermMemory, before: LongTermMemory): LongTermMemory {
  const choose = <T extends tf.Tensor>(a: T, b: T): T => {
    const rows = tf.reshape(tf.cast(stopGradient(chosen), "float32"), [-1, ...a.shape.slice(1).map(() => 1)]);
    return tf.add(tf.mul(a, rows), tf.mul(b, tf.sub(1, rows)));
  };
  const attended = next.attended && before.attended && choose(next.attended, before.attended);
  return {
    coefficients: choose(next.coefficients, before.coefficients),
    segments: choose(next.segments, before.segments),
    ...(attended ? { attended } : {}),
  };
}

function checkArguments(
  { config }: MemoryPlan,
  past: LongTermMemory,
  segment: tf.Tensor3D,
  { active, positions }: AbsorbOptions,
): { readonly batch: number; readonly basis: number; readonly length: number } {
  const { basisCount: basis, sampleCount: samples, sampling } = config;
  const { batch, model } = checkMemory("absorb", "past", past, config);
  const { length } = assertShape("absorb", "segment", segment, "[batch, length, model]", { batch, model });
  assertFloat32("absorb", "segment", segment);
  if (active) assertShape("absorb", "active", active, "[batch]", { batch });
  assertGivenWhereSticky("absorb", "positions", positions, sampling);
  if (positions) {
    assertShape("absorb", "positions", positions, "[batch, samples]", { batch, samples });
    assertFloat32("absorb", "positions", positions);
  }
  return { batch, basis, length };
}
