import {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  type LongTermMemory,
  layerPositions,
  type MemoryPlan,
  recordAttention,
} from "@infinite-former/memory";
import { createRng, type Rng, uniforms } from "@infinite-former/random";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { Float64Shadow } from "../float64-shadow.js";
import { memoryConfigs } from "../memory-configs.js";
import { type BenchmarkResult, type Settings, shared } from "../result.js";
import { seconds } from "../rounds.js";

const tokens = 10_000_000;
const modelSize = 16;
/** Segments made beforehand, which come in random order. */
const pool = 16;
/** How often the course is noted. */
const notes = 20;

/**
 * Ten million tokens absorbed, vectors with entries in [−1, 1): whether
 * coefficients, resident memory and the number of tensors stay where they are,
 * and how far float32 runs from the same recursion in float64.
 */
export async function memorySoak({ backend, seed }: Settings): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  for (const [size, config] of Object.entries(memoryConfigs)) {
    using plan = createMemoryPlan(config);
    const { segmentLength, basisCount, sampleCount } = plan.config;
    const start = performance.now();
    const course = soak(plan, Math.ceil(tokens / segmentLength), createRng(seed));
    const elapsed = (performance.now() - start) / 1000;
    assertFlat(size, course);
    results.push({
      name: "memory-soak",
      size,
      shape: { tokens, basisCount, segmentLength, sampleCount, modelSize },
      ...shared(backend),
      peer: null,
      seconds: seconds([elapsed]),
      tokensPerSecond: tokens / elapsed,
      course,
    });
  }
  return results;
}

/** What the memory was after some segments. */
interface Note extends Readonly<Record<string, number>> {
  /** Largest coefficient. */
  readonly largest: number;
  /** Root of the mean square of the coefficients. */
  readonly size: number;
  readonly rssBytes: number;
  readonly tensors: number;
}

function soak(plan: MemoryPlan, segments: number, rng: Rng): Note[] {
  const { segmentLength, basisCount, stickyBins, sampling } = plan.config;
  const sticky = sampling === "sticky";
  const values = Array.from({ length: pool }, () => uniforms(rng, segmentLength * modelSize, -1, 1));
  const inputs = values.map((data) => tf.tensor3d(data, [1, segmentLength, modelSize]));
  const looks = sticky ? Array.from({ length: pool }, () => densities(rng)) : [];
  const shadow = sticky ? null : new Float64Shadow(plan.config, values, modelSize);
  let memory = emptyLongTermMemory({ batch: 1, basisCount, modelSize, ...(sticky ? { stickyBins } : {}) });
  const every = Math.ceil(segments / notes);
  const course: Note[] = [];
  for (let n = 1; n <= segments; n++) {
    const drawn = rng.integer(0, pool);
    const look = looks[drawn];
    if (look) memory = replace(memory, recordAttention(memory, look));
    memory = replace(memory, update(plan, memory, inputs[drawn] as tf.Tensor3D));
    shadow?.absorb(drawn);
    if (n % every === 0 || n === segments) course.push({ segments: n, ...note(memory, shadow) });
  }
  disposeTree([memory, inputs, looks.map(({ mean, variance }) => [mean, variance])]);
  return course;
}

/** Forty queries of two heads that look at a few places each. */
function densities(rng: Rng): { readonly mean: tf.Tensor3D; readonly variance: tf.Tensor3D } {
  return {
    mean: tf.tensor3d(uniforms(rng, 40, 0, 1), [1, 2, 20]),
    variance: tf.tensor3d(uniforms(rng, 40, 1e-6, 1e-3), [1, 2, 20]),
  };
}

function update(plan: MemoryPlan, memory: LongTermMemory, segment: tf.Tensor3D): LongTermMemory {
  const [positions] = layerPositions(plan.config, [memory]);
  const next = absorb(plan, memory, segment, positions ? { positions } : {});
  positions?.dispose();
  return next;
}

function replace(old: LongTermMemory, next: LongTermMemory): LongTermMemory {
  disposeTree(old);
  return next;
}

function note(memory: LongTermMemory, shadow: Float64Shadow | null): Note {
  const values = memory.coefficients.dataSync<"float32">();
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  return {
    largest,
    size,
    ...(shadow ? { relativeDifference: shadow.difference(values) } : {}),
    rssBytes: process.memoryUsage().rss,
    tensors: tf.memory().numTensors,
  };
}

/** Refuses a course that rises: the second half against the first. */
function assertFlat(size: string, course: readonly Note[]): void {
  const half = course.length >> 1;
  const most = (part: readonly Note[], key: string): number => Math.max(...part.map((one) => one[key] ?? 0));
  const limits = { largest: 1.5, size: 1.5, relativeDifference: 3, rssBytes: 1.1, tensors: 1 };
  for (const [key, limit] of Object.entries(limits)) {
    const [early, late] = [most(course.slice(0, half), key), most(course.slice(half), key)];
    if (late <= limit * early) continue;
    throw new Error(`memory-soak: ${key} of ${size} must stay flat, got ${early} and later ${late}`);
  }
}
