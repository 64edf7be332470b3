import type { MemoryPlan } from "@infinite-former/memory";
import { createMemoryPlan } from "@infinite-former/memory";
import {
  adamW,
  clipByGlobalNorm,
  crossEntropy,
  initAdamW,
  resolveAdamWConfig,
} from "@infinite-former/training";
import type { ForwardOutput, TransformerConfig, TransformerState } from "@infinite-former/transformer";
import {
  forward,
  hasLongTerm,
  initialState,
  longTermPresets,
  meanPenalty,
  memoryConfig,
  resolveInfiniteFormerConfig,
  resolveTransformerXlConfig,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { field, NotImplementedError } from "../fixture.js";
import type { NamedTensors } from "../reference-weights.js";
import {
  differentiated,
  fedTensors,
  named,
  referenceLayer,
  valueAndGradients,
} from "../reference-weights.js";
import { densityOf } from "./density.js";

/** The model of a fixture: the authors' sorting model, with or without long-term memory. */
function readConfig(fixture: Fixture, hyper: Record<string, unknown>): TransformerConfig {
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  const body = {
    vocabularySize: get<number>("n_token"),
    layers: get<number>("n_layer"),
    modelSize: get<number>("d_model"),
    heads: get<number>("heads"),
    headSize: get<number>("d_head"),
    innerSize: get<number>("d_inner"),
    segmentLength: get<number>("tgt_len"),
    shortTermLength: get<number>("mem_len"),
  };
  if (get<number>("dropout") !== 0) throw new NotImplementedError("dropout in a fixture");
  const ltm = get<Record<string, unknown> | null>("ltm");
  if (ltm === null) return resolveTransformerXlConfig(body);
  const of = <T>(name: string): T => field<T>(fixture, ltm, name);
  return resolveInfiniteFormerConfig({
    ...body,
    longTerm: {
      ...longTermPresets.reference,
      segmentLength: get("augment_len"),
      basisCount: of("N"),
      basisWidths: of("sigmas"),
      ridge: of("ridge"),
      contraction: of("tau"),
      sampleCount: of("nb_samples"),
      gate: of("mask"),
      density: densityOf(of("norm")),
      priorWidth: of("sigma_0"),
      priorMean: of("mu_0"),
    },
  });
}

/** One run over the whole sequence: only the last segment is differentiable, as the authors train. */
interface Run {
  readonly outputs: readonly ForwardOutput[];
  readonly ce: tf.Scalar;
  readonly loss: tf.Scalar;
  readonly klMean: tf.Scalar | null;
  readonly state: TransformerState;
}

/** Kind `sort_lm`: whole models over a sequence: logits, memories, loss, every gradient, one Adam step. */
export function checkSortLm(fixture: Fixture, comparison: Comparison): void {
  const hyper = field<Record<string, unknown>>(fixture, fixture.json, "hyper");
  const config = readConfig(fixture, hyper);
  const plan = hasLongTerm(config) ? createMemoryPlan(memoryConfig(config)) : null;
  try {
    tf.tidy(() => compareModel(fixture, comparison, hyper, config, plan));
  } finally {
    plan?.dispose();
  }
}

function compareModel(
  fixture: Fixture,
  comparison: Comparison,
  hyper: Record<string, unknown>,
  config: TransformerConfig,
  plan: MemoryPlan | null,
): void {
  const inputs = fedTensors(fixture);
  const give = (name: string, value: tf.Tensor): void => {
    if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
  };
  const batch = field<number>(fixture, hyper, "batch");
  const ignored = field<number>(fixture, hyper, "pad_ignore");
  const klWeight = field<number | null>(fixture, hyper, "kl_m") ?? 0;
  const ids = named(inputs, "ids") as tf.Tensor2D;
  const targets = named(inputs, "targets") as tf.Tensor2D;
  const starts = [...named(inputs, "segment_start").dataSync()];
  const length = ids.shape[1];
  const piece = (all: tf.Tensor2D, index: number): tf.Tensor2D => {
    const start = starts[index] as number;
    return tf.slice(all, [0, start], [batch, (starts[index + 1] ?? length) - start]);
  };

  const run = (tensors: NamedTensors): Run => {
    const params = {
      embedding: named(tensors, "w.word_emb.emb_layers.0.weight") as tf.Tensor2D,
      biases: {
        content: named(tensors, "w.r_w_bias") as tf.Tensor2D,
        position: named(tensors, "w.r_r_bias") as tf.Tensor2D,
      },
      layers: Array.from({ length: config.layers }, (_, i) => referenceLayer(tensors, `w.layers.${i}.`)),
      output: tf.transpose(named(tensors, "w.proj_output.weight")) as tf.Tensor2D,
    };
    const model = { config, params, plan };
    let state = initialState(config, batch);
    const outputs: ForwardOutput[] = [];
    for (let index = 0; index < starts.length; index++) {
      const output = forward(model, state, piece(ids, index));
      outputs.push(output);
      state = output.state;
    }
    const last = outputs.at(-1) as ForwardOutput;
    const rows = tf.reshape(last.logits as tf.Tensor, [-1, config.vocabularySize]) as tf.Tensor2D;
    const wanted = tf.reshape(piece(targets, starts.length - 1), [-1]) as tf.Tensor1D;
    const weights = tf.cast(tf.notEqual(wanted, ignored), "float32") as tf.Tensor1D;
    const ce = crossEntropy(rows, wanted, weights).loss as tf.Scalar;
    const klMean = last.penalties === null ? null : meanPenalty(last);
    const loss = (klMean === null ? ce : tf.add(ce, tf.mul(klMean, klWeight))) as tf.Scalar;
    return { outputs, ce, loss, klMean, state };
  };

  const wanted = differentiated(fixture).map((name) => `w.${name}`);
  const { gradients } = valueAndGradients(inputs, wanted, (tensors) => run(tensors).loss);
  for (const name of wanted) give(`grad.${name.slice(2)}`, gradients[name] as tf.Tensor);

  const { outputs, ce, loss, klMean, state } = run(inputs);
  outputs.forEach(({ logits, hidden, penalties }, index) => {
    give(`seg${index + 1}.logits`, logits as tf.Tensor);
    give(`seg${index + 1}.logprobs`, tf.logSoftmax(logits as tf.Tensor));
    give(`seg${index + 1}.hidden`, hidden);
    if (penalties !== null) give(`seg${index + 1}.kl`, penalties);
  });
  give("ce", ce);
  give("loss", loss);
  if (klMean !== null) give("kl_mean", klMean);
  compareMemories(fixture, give, state, outputs);

  const { gradients: clipped, norm } = clipByGlobalNorm(gradients, clipLimit(fixture, hyper));
  give("grad_norm", norm);
  const weights = Object.fromEntries(wanted.map((name) => [name, named(inputs, name)]));
  const adam = field<{ lr: number; betas: [number, number]; eps: number }>(fixture, hyper, "adam");
  const settings = resolveAdamWConfig({ beta1: adam.betas[0], beta2: adam.betas[1], epsilon: adam.eps });
  const stepped = adamW(settings, weights, clipped, initAdamW(weights), tf.scalar(adam.lr));
  give("ce_after_step", run({ ...inputs, ...stepped.params }).ce);
}

function clipLimit(fixture: Fixture, hyper: Record<string, unknown>): number {
  return field<number>(fixture, field<Record<string, unknown>>(fixture, hyper, "adam"), "clip_norm");
}

/** The authors keep the last rows of every layer's input, and of the last output, time first. */
function compareMemories(
  fixture: Fixture,
  give: (name: string, value: tf.Tensor) => void,
  state: TransformerState,
  outputs: readonly ForwardOutput[],
): void {
  for (const [name, { shape }] of fixture.tensors) {
    const layer = /^final_mems\.(\d+)$/.exec(name);
    if (layer === null) continue;
    const index = Number(layer[1]);
    const parts = [state.recent[index], state.current[index]].filter((rows) => rows !== undefined);
    const rows =
      parts.length > 0
        ? tf.concat(parts, 1)
        : tf.concat(
            outputs.map(({ hidden }) => hidden),
            1,
          );
    const kept = shape[0] as number;
    const last = tf.slice(rows, [0, (rows.shape[1] as number) - kept, 0], [-1, kept, -1]);
    give(name, tf.transpose(last, [1, 0, 2]));
  }
}
