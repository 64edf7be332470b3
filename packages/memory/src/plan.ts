import { type Basis, basisFromSettings, type Matrix } from "@infinite-former/signal";
import { ShapeError } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type MemoryConfig, resolveMemoryConfig } from "./config.js";
import { updateFits } from "./fits.js";
import { type MergeFits, mergeFits } from "./merge-fits.js";
import { recentlyUsed } from "./recently-used.js";

/**
 * The constants of a memory: its basis and the maps of an update, uploaded
 * when first used. One plan serves any number of memories and layers; its
 * owner disposes it.
 */
export interface MemoryPlan {
  readonly config: MemoryConfig;
  readonly basis: Basis;
  /** `Gᵀ` `[N, length]`: coefficients of a first segment are `first · segment`. Owned by the plan. */
  first(length?: number): tf.Tensor2D;
  /** `[N, N]`: what stays of the coefficients when a segment of `segmentLength` comes. Owned by the plan. */
  readonly carry: tf.Tensor2D;
  /** `[N, L]`: what a later segment of `segmentLength` adds. Owned by the plan. */
  readonly take: tf.Tensor2D;
  /** The maps of one update by a segment of `length`. Owned by the plan, which frees those of other lengths after a while. */
  update(length: number): UpdateMaps;
  /** The maps of a merge. Owned by the plan. */
  merge(): MergeMaps;
  /** Frees everything uploaded; the plan uploads again if it is used again. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The maps of one update, as tensors. */
export interface UpdateMaps {
  readonly carry: tf.Tensor2D; // [basis, basis]
  readonly first: tf.Tensor2D; // [basis, length]
  readonly take: tf.Tensor2D; // [basis, length]
  readonly firstAndTake: tf.Tensor2D; // [2, basis · length], one row each, to choose from by batch row
  readonly resample?: tf.Tensor2D; // [basis, samples], with sticky sampling only
}

/** The maps that put two memories side by side, as tensors. */
export interface MergeMaps {
  readonly older: tf.Tensor2D; // [basis, basis]
  readonly newer: tf.Tensor2D; // [basis, basis]
}

/**
 * How many lengths a plan holds at a time. A model absorbs segments of one
 * length, and shorter ones at most while its memory fills; more lengths than
 * this in one gradient would miss the first of them.
 */
const lengths = 32;

/**
 * Plans a memory. The fits themselves are computed when a length is first met
 * (seconds at the paper's size) and then shared by all plans of the process.
 *
 * @param options merged with `defaultMemoryConfig`.
 * @throws {ConfigError} `ERR_CONFIG` with the path of the first field that is out of range.
 */
export function createMemoryPlan(options: Partial<MemoryConfig>): MemoryPlan {
  const config = resolveMemoryConfig(options);
  const uploaded = recentlyUsed<number, UpdateMaps>({
    limit: lengths,
    size: () => 1,
    drop: (maps) => tf.dispose(Object.values(maps)),
  });
  const update = (length: number): UpdateMaps => uploaded.get(length, () => upload(config, length));
  let halves: MergeMaps | undefined;
  const dispose = (): void => {
    uploaded.clear();
    if (halves) tf.dispose([halves.older, halves.newer]);
    halves = undefined;
  };
  const basis = basisFromSettings(config);
  return {
    config,
    basis,
    first: (length = config.segmentLength) => update(length).first,
    get carry() {
      return update(config.segmentLength).carry;
    },
    get take() {
      return update(config.segmentLength).take;
    },
    update,
    merge: () => {
      halves ??= uploadHalves(mergeFits(config, basis));
      return halves;
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function upload(config: MemoryConfig, length: number): UpdateMaps {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new ShapeError(`createMemoryPlan: length must be a whole number above 0, got ${length}`);
  }
  const fits = updateFits(config, length);
  const [carry, first, take] = [toTensor(fits.carry), toTensor(fits.first), toTensor(fits.take)];
  const firstAndTake = tf.keep(
    tf.tidy(() => tf.reshape(tf.stack([first, take]), [2, first.size]) as tf.Tensor2D),
  );
  const maps = { carry, first, take, firstAndTake };
  return config.sampling === "sticky" ? { ...maps, resample: toTensor(fits.resample) } : maps;
}

function uploadHalves({ older, newer }: MergeFits): MergeMaps {
  return { older: toTensor(older), newer: toTensor(newer) };
}

function toTensor({ rows, columns, data }: Matrix): tf.Tensor2D {
  return tf.keep(tf.tensor2d(Float32Array.from(data), [rows, columns]));
}
