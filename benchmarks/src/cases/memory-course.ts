import {
  type ContinuousAttentionConfig,
  type ContinuousAttentionParams,
  continuousAttention,
  initContinuousAttention,
  resolveContinuousAttentionConfig,
} from "@infinite-former/attention";
import {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  fork,
  type LongTermMemory,
  type MemoryPlan,
} from "@infinite-former/memory";
import { createRng, type Rng, uniforms } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { memoryConfigs } from "../memory-configs.js";
import { type BenchmarkResult, type Settings, shared } from "../result.js";
import { inTurn, medianRatio, seconds } from "../rounds.js";

/** The authors' sorting model: 6 heads of 50, eight sequences. */
const batch = 8;
const heads = 6;
const headSize = 50;
const modelSize = heads * headSize;
/** Segments of 1,024 after which the memory is kept: 4 thousand to 4 million tokens of each sequence. */
const stations = [4, 40, 400, 4000];
/** Segments made beforehand, which come in turn. */
const pool = 4;
/** Segments per timing. */
const units = 1;

/** What a memory was after so many tokens. */
interface Station {
  readonly memory: LongTermMemory;
  readonly tokens: number;
  readonly stateBytes: number;
  readonly tensors: number;
  readonly rssBytes: number;
}

interface Reader {
  readonly plan: MemoryPlan;
  readonly config: ContinuousAttentionConfig;
  readonly params: ContinuousAttentionParams;
  readonly queries: tf.Tensor4D;
  readonly inputs: readonly tf.Tensor3D[];
}

/**
 * A memory update and a read of it by every token of the segment, after 4
 * thousand to 4 million tokens: whether time and state stay what they were.
 * One sequence walks the whole way; at every station it is forked into a batch,
 * and the forks are timed in turn, so that a slow spell of the machine hits all
 * alike.
 */
export async function memoryCourse({ backend, rounds, seed }: Settings): Promise<BenchmarkResult[]> {
  const reader = createReader(createRng(seed));
  const { basisCount, segmentLength, sampleCount } = reader.plan.config;
  const kept = walk(reader);
  const memories = kept.map(({ memory }) => memory);
  const times = await inTurn(
    memories.map((memory) => () => goOn(reader, memory)),
    rounds,
  );
  const [first] = times as [number[]];
  const course = kept.map(({ memory: _, ...station }, i) => {
    const own = times[i] as number[];
    return {
      ...station,
      seconds: seconds(own).median,
      fastestSeconds: Math.min(...own),
      ratioToFirst: medianRatio(first, own),
    };
  });
  disposeTree([memories, reader.params, reader.queries, reader.inputs]);
  reader.plan.dispose();
  assertConstant(kept);
  const own = seconds(times.at(-1) as number[]);
  return [
    {
      name: "memory-course",
      size: "sorting",
      shape: { basisCount, segmentLength, sampleCount, heads, headSize, batch },
      ...shared(backend),
      peer: null,
      seconds: own,
      tokensPerSecond: (batch * segmentLength) / own.median,
      course,
    },
  ];
}

function createReader(rng: Rng): Reader {
  const plan = createMemoryPlan(memoryConfigs.sorting);
  const { basisCount, basisWidths, segmentLength: length } = plan.config;
  const config = resolveContinuousAttentionConfig({ heads, headSize, modelSize, basisCount, basisWidths });
  const random = (count: number): Float32Array => uniforms(rng, count, -1, 1);
  return {
    plan,
    config,
    params: initContinuousAttention(config, rng),
    queries: tf.tensor4d(random(batch * length * modelSize), [batch, heads, length, headSize]),
    inputs: Array.from({ length: pool }, () =>
      tf.tensor3d(random(batch * length * modelSize), [batch, length, modelSize]),
    ),
  };
}

/** The memory at each station. */
function walk({ plan, inputs }: Reader): Station[] {
  const { basisCount, segmentLength } = plan.config;
  const rows = inputs.map((segments) => tf.slice(segments, [0, 0, 0], [1, segmentLength, modelSize]));
  let memory = emptyLongTermMemory({ batch: 1, basisCount, modelSize });
  let done = 0;
  return stations.map((station) => {
    for (; done < station; done++) memory = replace(memory, absorb(plan, memory, next(rows, done)));
    const copy = fork(memory, Array(batch).fill(0));
    if (station === stations.at(-1)) disposeTree([memory, rows]);
    return {
      memory: copy,
      tokens: station * segmentLength,
      stateBytes: leaves(copy).reduce((sum, { tensor }) => sum + 4 * tensor.size, 0),
      tensors: tf.memory().numTensors,
      rssBytes: process.memoryUsage().rss,
    };
  });
}

/** Seconds per segment of going on from a memory: absorb a segment, read it with every query. */
function goOn({ plan, config, params, queries, inputs }: Reader, from: LongTermMemory): number {
  let memory = fork(from);
  const start = performance.now();
  for (let n = 0; n < units; n++) {
    memory = replace(memory, absorb(plan, memory, next(inputs, n)));
    const { coefficients } = memory;
    const out = continuousAttention(params, config, { queries, coefficients });
    const one = tf.slice(out.context, [0, 0, 0], [1, 1, 1]);
    one.dataSync();
    disposeTree([out, one]);
  }
  const elapsed = (performance.now() - start) / 1000 / units;
  disposeTree(memory);
  return elapsed;
}

function next(inputs: readonly tf.Tensor3D[], n: number): tf.Tensor3D {
  return inputs[n % inputs.length] as tf.Tensor3D;
}

function replace(old: LongTermMemory, fresh: LongTermMemory): LongTermMemory {
  disposeTree(old);
  return fresh;
}

/** Refuses a state that grows; times are for the reader to judge. */
function assertConstant(course: readonly Station[]): void {
  const bytes = course.map(({ stateBytes }) => stateBytes);
  if (new Set(bytes).size === 1) return;
  throw new Error(`memory-course: state must stay of one size, got ${bytes.join(", ")} bytes`);
}
