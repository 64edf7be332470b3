import { absorb, attentionMass, basisValues, createMemoryPlan, drawPositions } from "@infinite-former/memory";
import type { Matrix } from "@infinite-former/signal";
import {
  binMass,
  coefficients,
  designMatrix,
  evaluateSignal,
  fitContracted,
  gaussianBasis,
  sampleBins,
  stickyPositions,
  transpose,
} from "@infinite-former/signal";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { field, tensor } from "../fixture.js";
import { onBackend } from "../reference-weights.js";

/** One case: sizes and constants of one update with sticky sampling. */
interface StickyCase {
  readonly name: string;
  readonly count: number;
  readonly length: number;
  readonly widths: readonly number[];
  readonly ridge: number;
  readonly contraction: number;
  readonly sampleCount: number;
  readonly bins: number;
}

/** Kind `sticky`: histogram of the past attention, positions from recorded uniforms, the memory sampled there. */
export function checkSticky(fixture: Fixture, comparison: Comparison): void {
  for (const entry of field<Record<string, unknown>[]>(fixture, fixture.json, "cases")) {
    const name = field<string>(fixture, entry, "name");
    const settings: StickyCase = {
      name,
      count: field(fixture, entry, "N"),
      length: field(fixture, entry, "L"),
      widths: field(fixture, entry, "sigmas"),
      ridge: field(fixture, entry, "ridge"),
      contraction: field(fixture, entry, "tau"),
      sampleCount: field(fixture, entry, "nb_samples"),
      bins: tensor(fixture, `${name}.p64`).shape[1] as number,
    };
    checkInFloat64(fixture, comparison, settings);
    checkOnBackend(fixture, comparison, settings);
  }
}

function checkInFloat64(fixture: Fixture, comparison: Comparison, settings: StickyCase): void {
  const { name, count, length, widths, ridge, contraction, sampleCount, bins } = settings;
  const of = (suffix: string): Float64Array => tensor(fixture, `${name}.${suffix}`).data;
  const give = (suffix: string, got: ArrayLike<number>): void =>
    comparison.check(`${name}.${suffix}`, got, "float64");
  const basis = gaussianBasis({ count, widths });
  const later = fitContracted({ basis, length, ridge, contraction, sampleCount });
  give("G_inf", later.data);
  const batch = tensor(fixture, `${name}.p64`).shape[0] as number;
  const drawn = new Int32Array(sampleCount * batch);
  const all: Record<"p64" | "positions64" | "samples" | "B_new64", number[]> = {
    p64: [],
    positions64: [],
    samples: [],
    B_new64: [],
  };
  for (let b = 0; b < batch; b++) {
    const row = (suffix: string): Float64Array => rowOf(of(suffix), b, batch);
    const uniforms = of("uniform").filter((_, i) => i % batch === b); // [draws, batch]
    const mass = binMass({ bins, means: row("past_mu"), variances: row("past_s2") });
    const total = mass.reduce((sum, m) => sum + m, 0);
    all.p64.push(...mass.map((m) => m / total));
    sampleBins(mass, uniforms).forEach((bin, i) => {
      drawn[i * batch + b] = bin;
    });
    const positions = stickyPositions(mass, uniforms);
    all.positions64.push(...positions);
    all.samples.push(...transpose(designMatrix(basis, positions)).data);
    const past: Matrix = asMatrix(row("B_past"), count);
    const kept = evaluateSignal(basis, past, positions);
    const values = asMatrix(Float64Array.of(...kept.data, ...row("X")), sampleCount + length);
    all.B_new64.push(...coefficients(later, values).data);
  }
  give("bin_index", drawn);
  for (const [suffix, got] of Object.entries(all)) give(suffix, got);
}

function checkOnBackend(fixture: Fixture, comparison: Comparison, settings: StickyCase): void {
  const { name, count, length, widths, ridge, contraction, sampleCount, bins } = settings;
  const fed = (suffix: string): tf.Tensor => onBackend(fixture, `${name}.${suffix}`);
  const give = (suffix: string, got: tf.Tensor): void =>
    comparison.check(`${name}.${suffix}`, got.dataSync(), "float32");
  const plan = createMemoryPlan({
    basisCount: count,
    basisWidths: widths,
    ridge,
    contraction,
    sampleCount,
    segmentLength: length,
    sampling: "sticky",
    stickyBins: bins,
    stickyPositions: "left-edge",
  });
  try {
    tf.tidy(() => {
      const oneHead = (x: tf.Tensor) => tf.expandDims(x, 1) as tf.Tensor3D; // heads and queries are one axis there
      const attended = attentionMass(bins, {
        mean: oneHead(fed("past_mu")),
        variance: oneHead(fed("past_s2")),
      });
      give("p64", tf.div(attended, tf.sum(attended, 1, true)));
      const positions = drawPositions(plan.config, attended, tf.transpose(fed("uniform")) as tf.Tensor2D);
      give("positions64", positions);
      give("samples", basisValues(plan.basis, positions));
      const segments = tf.ones<tf.Rank.R1>([attended.shape[0]]);
      const past = { coefficients: fed("B_past") as tf.Tensor3D, segments, attended };
      give("B_new64", absorb(plan, past, fed("X") as tf.Tensor3D, { positions }).coefficients);
    });
  } finally {
    plan.dispose();
  }
}

function rowOf(data: Float64Array, index: number, batch: number): Float64Array {
  const size = data.length / batch;
  return data.slice(index * size, (index + 1) * size);
}

function asMatrix(data: Float64Array, rows: number): Matrix {
  return { rows, columns: data.length / rows, data };
}
