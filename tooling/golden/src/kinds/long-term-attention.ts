import type { DensityFamily } from "@infinite-former/attention";
import { continuousAttention, resolveContinuousAttentionConfig } from "@infinite-former/attention";
import {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  gate,
  type LongTermMemory,
  recordAttention,
} from "@infinite-former/memory";
import { mapTree, stopGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, field, NotImplementedError, tensor } from "../fixture.js";
import { recordedPositions } from "../recorded-draws.js";
import type { NamedTensors } from "../reference-weights.js";
import {
  differentiated,
  fedTensors,
  named,
  referenceAttention,
  referenceGate,
  valueAndGradients,
} from "../reference-weights.js";
import { fits } from "./basis.js";
import { densityOf } from "./density.js";

interface Hyper {
  readonly batch: number;
  readonly heads: number;
  readonly headSize: number;
  readonly modelSize: number;
  readonly length: number;
  readonly basisCount: number;
  readonly queries: number;
  readonly sampleCount: number;
  readonly contraction: number;
  readonly ridge: number;
  readonly widths: readonly number[];
  readonly priorWidth: number;
  readonly priorMean: number | null;
  readonly gated: boolean;
  readonly klWeight: number;
  readonly density: DensityFamily;
  readonly densityFrom: "affine" | "moments";
  readonly varianceFloor: number;
  /** Bins of sticky sampling; `null` where sampling is uniform. */
  readonly bins: number | null;
  /** Segments after which the memory is wiped, or `null`. */
  readonly wipeAfter: number | null;
  /** Segments (from 1) that find the memory empty. */
  readonly resets: readonly number[];
}

function readHyper(fixture: Fixture): Hyper {
  const hyper = field<Record<string, unknown>>(fixture, fixture.json, "hyper");
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  const style = get<string>("style");
  if (!["sort", "gpt2", "doc"].includes(style)) throw new NotImplementedError(`style ${style}`);
  const mu0 = get<number | null>("mu_0");
  const threshold = get<number | null>("mem_threshold");
  // Which form of the KL each copy of the authors' code takes.
  const withMean = style === "sort" ? mu0 !== null : style === "gpt2" ? mu0 !== null && mu0 <= 0 : false;
  return {
    batch: get("batch"),
    heads: get("heads"),
    headSize: get("d_head"),
    modelSize: get("e"),
    length: get("L"),
    basisCount: get("N"),
    queries: get("q"),
    sampleCount: get("nb_samples"),
    contraction: get("tau"),
    ridge: get("ridge"),
    widths: get("sigmas"),
    priorWidth: get("sigma_0"),
    priorMean: withMean ? mu0 : null,
    gated: get("mask"),
    klWeight: get("kl_coefficient_in_loss"),
    density: densityOf(get("attn")),
    densityFrom: get<boolean>("affines") ? "affine" : "moments",
    varianceFloor: get("s2_clamp_min"),
    bins: get<boolean>("sticky") ? binsOf(fixture) : null,
    // The authors count positions, a segment at a time.
    wipeAfter: threshold === null ? null : Math.ceil(threshold / get<number>("L")),
    resets: get("memory_reset_before_segments"),
  };
}

/** Bins of the probabilities that a fixture expects; 128, the authors' number, where it has no update that draws. */
function binsOf(fixture: Fixture): number {
  const name = [...fixture.tensors.keys()].find((key) => key.endsWith(".sticky_p"));
  return name === undefined ? 128 : (tensor(fixture, name).shape[1] as number);
}

/** Kind `long_term_attention`: the module over successive segments, forward and every gradient. */
export function checkLongTermAttention(fixture: Fixture, comparison: Comparison): void {
  const hyper = readHyper(fixture);
  const fit = fits({
    name: "",
    count: hyper.basisCount,
    length: hyper.length,
    widths: hyper.widths,
    ridge: hyper.ridge,
    contraction: hyper.contraction,
    sampleCount: hyper.sampleCount,
  });
  if (fixture.tensors.has("G")) comparison.check("G", fit.first.data, "float32");
  if (fixture.tensors.has("G_inf") && fit.later) comparison.check("G_inf", fit.later.data, "float32");

  const plan = createMemoryPlan({
    basisCount: hyper.basisCount,
    basisWidths: hyper.widths,
    ridge: hyper.ridge,
    contraction: hyper.contraction,
    sampleCount: hyper.sampleCount,
    segmentLength: hyper.length,
    wipeAfter: hyper.wipeAfter,
    ...(hyper.bins === null ? {} : { sampling: "sticky", stickyBins: hyper.bins }),
  });
  const config = resolveContinuousAttentionConfig({
    heads: hyper.heads,
    headSize: hyper.headSize,
    modelSize: hyper.modelSize,
    basisCount: hyper.basisCount,
    basisWidths: hyper.widths,
    density: hyper.density,
    densityFrom: hyper.densityFrom,
    affineBias: false,
    varianceFloor: hyper.varianceFloor,
    priorWidth: hyper.priorWidth,
    priorMean: hyper.priorMean,
  });
  try {
    tf.tidy(() => {
      const names = [...fixture.tensors.keys()];
      const inputs = fedTensors(fixture);
      const segments = names.filter((name) => /^seg\d+\.k$/.test(name)).length;
      const give = (name: string, value: tf.Tensor): void => {
        if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
      };
      const loss = (tensors: NamedTensors): tf.Scalar => {
        const attention = referenceAttention(tensors, "w.");
        const empty = (): LongTermMemory =>
          emptyLongTermMemory({
            batch: hyper.batch,
            basisCount: hyper.basisCount,
            modelSize: hyper.modelSize,
            ...(hyper.bins === null ? {} : { stickyBins: hyper.bins }),
          });
        let memory = empty();
        const terms: tf.Tensor[] = [];
        for (let index = 1; index <= segments; index++) {
          const at = `seg${index}.`;
          // Where the plan wipes, it must do so by itself.
          if (hyper.wipeAfter === null && hyper.resets.includes(index)) memory = empty();
          let segment = named(tensors, `${at}k`) as tf.Tensor3D;
          if (hyper.gated) {
            const passed = gate(referenceGate(tensors, "w."), segment);
            give(`${at}gate`, passed.gate);
            segment = passed.gated;
          }
          const { attended } = memory;
          const drawn = (mass: tf.Tensor2D): tf.Tensor2D =>
            hyper.resets.includes(index)
              ? tf.zeros([hyper.batch, hyper.sampleCount]) // a first fit samples nothing
              : recordedPositions(fixture, comparison, at, mass);
          memory = absorb(plan, memory, segment, attended ? { positions: drawn(attended) } : {});
          const empties = (memory.segments.dataSync()[0] as number) === 1;
          if (empties !== hyper.resets.includes(index)) {
            throw new FixtureError(
              `${fixture.name}: segment ${index} must ${empties ? "not " : ""}find a memory by memory_reset_before_segments`,
            );
          }
          const { context, mean, variance, penalty } = continuousAttention(attention, config, {
            queries: named(tensors, `${at}q`) as tf.Tensor4D,
            coefficients: memory.coefficients,
          });
          give(`${at}out`, context);
          give(`${at}mu`, mean);
          give(`${at}s2`, variance);
          give(`${at}kl`, penalty);
          give(`${at}B`, memory.coefficients);
          terms.push(
            tf.add(
              tf.sum(tf.mul(context, named(tensors, `${at}W`))),
              tf.mul(tf.mean(penalty), hyper.klWeight),
            ),
          );
          const densities = {
            mean: mean as tf.Tensor3D,
            variance: variance as tf.Tensor3D,
            density: "gaussian" as const, // the authors count with the normal CDF, whatever the density
          };
          memory = mapTree(recordAttention(memory, densities), stopGradient);
        }
        return tf.addN(terms) as tf.Scalar;
      };
      const wanted = differentiated(fixture);
      const { value, gradients } = valueAndGradients(inputs, wanted, loss);
      give("loss", value);
      for (const name of wanted) give(`grad.${name}`, gradients[name] as tf.Tensor);
    });
  } finally {
    plan.dispose();
  }
}
