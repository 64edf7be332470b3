import {
  type AttentionDensities,
  absorb,
  absorbOrigins,
  createMemoryPlan,
  emptyLongTermMemory,
  emptyOrigins,
  layerPositions,
  type MemoryConfig,
  type MemoryPlan,
  type Origins,
  positionOf,
  reconstructionError,
  recordAttention,
} from "@infinite-former/memory";
import { createRng, type Rng } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type BenchmarkResult, type Settings, shared } from "../result.js";
import { seconds } from "../rounds.js";

const sizes = { basisCount: 256, segmentLength: 128, sampleCount: 512, ridge: 0.1 };
const modelSize = 8;
const segmentCount = 8;
/** The segment that attention looks at, from when it is there to the end. */
const lookedAt = 2;
/** Queries per segment that look at it, and that look anywhere. */
const [looking, wandering] = [24, 8];

const samplings: Readonly<Record<string, Partial<MemoryConfig>>> = {
  uniform: {},
  stickyLeftEdge: { sampling: "sticky" },
  stickyWithinBin: { sampling: "sticky", stickyPositions: "within-bin" },
};

/**
 * What is left of each of eight segments where attention kept looking at the
 * third: reconstruction error and room by age under uniform and sticky sampling.
 * Vectors are sums of waves of 16 to 64 vectors; the same for all.
 */
export async function memoryRecall({ backend, seed }: Settings): Promise<BenchmarkResult[]> {
  const start = performance.now();
  const past = segments(createRng(seed));
  const columns: Record<string, readonly number[]> = {};
  for (const [name, options] of Object.entries(samplings)) {
    using plan = createMemoryPlan({ ...sizes, ...options });
    const { error, room } = await recall(plan, past, seed);
    columns[name] = error;
    columns[`${name}Room`] = room;
  }
  disposeTree(past);
  const course = Array.from({ length: segmentCount }, (_, age) => ({
    age,
    lookedAt: age === segmentCount - 1 - lookedAt ? 1 : 0,
    ...Object.fromEntries(Object.entries(columns).map(([name, byAge]) => [name, byAge[age] as number])),
  }));
  return [
    {
      name: "memory-recall",
      shape: { ...sizes, modelSize, segmentCount, lookedAt },
      ...shared(backend),
      peer: null,
      seconds: seconds([(performance.now() - start) / 1000]),
      course,
    },
  ];
}

/** One continuous text of smooth vectors, in segments. */
function segments(rng: Rng): tf.Tensor3D[] {
  const length = sizes.segmentLength;
  const waves = Array.from({ length: modelSize }, () =>
    Array.from({ length: 4 }, () => ({
      turns: 1 / (16 + 48 * rng.uniform()),
      phase: 2 * Math.PI * rng.uniform(),
    })),
  );
  return Array.from({ length: segmentCount }, (_, n) => {
    const values = Array.from({ length }, (_, j) =>
      waves.map((own) =>
        own.reduce(
          (sum, { turns, phase }) => sum + Math.sin(2 * Math.PI * turns * (n * length + j) + phase),
          0,
        ),
      ),
    );
    return tf.tensor3d([values]);
  });
}

/** By age after all segments: the error, and how much of [0, 1] each has. */
async function recall(
  plan: MemoryPlan,
  past: readonly tf.Tensor3D[],
  seed: number,
): Promise<{ readonly error: readonly number[]; readonly room: readonly number[] }> {
  const { basisCount, stickyBins, sampling } = plan.config;
  const sticky = sampling === "sticky" ? { stickyBins } : {};
  const rng = createRng(seed).split("attention");
  const draws = tf.tensor2d([seed, 0], [1, 2], "int32");
  let memory = emptyLongTermMemory({ batch: 1, basisCount, modelSize, ...sticky });
  let origins: Origins = emptyOrigins(1);
  for (const [n, segment] of past.entries()) {
    const [positions] = layerPositions(plan.config, [memory], draws);
    const next = absorb(plan, memory, segment, positions ? { positions } : {});
    const drawn = positions ? { positions: await positions.array() } : {};
    origins = absorbOrigins(plan.config, origins, segment.shape[1], drawn);
    const looks = densities(origins, n, rng);
    const seen = recordAttention(next, looks);
    disposeTree([memory, next, positions ?? [], looks.mean, looks.variance]);
    memory = seen;
  }
  const [error] = await reconstructionError(plan, memory, past, { origins });
  disposeTree([memory, draws]);
  const [row] = origins as [Origins[number]];
  const border = (age: number): number => positionOf(row, past.length - age);
  const room = past.map((_, age) => border(age) - border(age + 1));
  return { error: error as readonly number[], room };
}

/** Queries at the segment looked at, where it lies by now, and some anywhere. */
function densities(origins: Origins, n: number, rng: Rng): AttentionDensities {
  const [row] = origins as [Origins[number]];
  const at = (time: number) => positionOf(row, time);
  const place = (): number => (n < lookedAt ? rng.uniform() : at(lookedAt + rng.uniform()));
  const means = [
    ...Array.from({ length: looking }, place),
    ...Array.from({ length: wandering }, () => rng.uniform()),
  ];
  const count = means.length;
  return { mean: tf.tensor3d(means, [1, 1, count]), variance: tf.fill([1, 1, count], 1e-4) };
}
