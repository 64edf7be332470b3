import type {
  Gpt2Config,
  Gpt2ForwardOptions,
  Gpt2Output,
  Gpt2Params,
  Gpt2State,
} from "@infinite-former/gpt2";
import {
  fromHuggingFace,
  gpt2,
  gpt2LongTermPresets,
  initialState,
  remembers,
  resolveGpt2Config,
  weightSlots,
} from "@infinite-former/gpt2";
import type { MemoryPlan } from "@infinite-former/memory";
import { createMemoryPlan, resetRows } from "@infinite-former/memory";
import { mapTree, stopGradient, treeFromLeaves } from "@infinite-former/tensor";
import { meanPenalty, memoryConfig } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, field, NotImplementedError } from "../fixture.js";
import { recordedPositions } from "../recorded-draws.js";
import type { NamedTensors } from "../reference-weights.js";
import { differentiated, fedTensors, named, valueAndGradients } from "../reference-weights.js";
import { shiftedLoss } from "./gpt2.js";

type Fields = Readonly<Record<string, unknown>>;

/** Names of the fixtures' `activation`, which may carry a remark in brackets. */
const activations: Readonly<Record<string, Gpt2Config["activation"]>> = {
  gelu_new: "gelu",
  gelu: "gelu-erf",
  relu: "relu",
};

/** The model of a fixture: the authors' language model, or their document-grounded one. */
function readConfig(fixture: Fixture, hyper: Fields): Gpt2Config {
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  const ltm = get<Fields>("ltm");
  const of = <T>(name: string): T => field<T>(fixture, ltm, name);
  if (get<number>("dropout") !== 0) throw new NotImplementedError("dropout in a fixture");
  const activation = activations[get<string>("activation").split(" ")[0] as string];
  if (activation === undefined) throw new NotImplementedError(`activation ${get<string>("activation")}`);
  const length = of<number>("length");
  const [document, mu0, threshold] = [
    isDocument(fixture),
    of<number | null>("mu_0"),
    of<number | null>("mem_threshold"),
  ];
  return resolveGpt2Config({
    vocabularySize: get("vocab_size"),
    positions: get("n_positions"),
    segmentLength: get("segment"),
    layers: get("n_layer"),
    modelSize: get("n_embd"),
    heads: get("n_head"),
    innerSize: get("n_inner"),
    activation,
    normEpsilon: get("layer_norm_eps"),
    longTerm: {
      ...gpt2LongTermPresets.reference,
      segmentLength: length,
      basisCount: of("N"),
      basisWidths: of("sigmas"),
      ridge: of("ridge"),
      contraction: of("tau"),
      sampleCount: of("nb_samples"),
      gate: of("mask"),
      varianceFloor: of("s2_clamp_min"),
      priorWidth: of("sigma_0"),
      // The authors' language model takes the form with a mean where mu_0 is not above 0, the other one never.
      priorMean: !document && mu0 !== null && mu0 <= 0 ? mu0 : null,
      sampling: of<boolean>("sticky") ? "sticky" : "uniform",
      wipeAfter: threshold === null ? null : Math.ceil(threshold / length),
      input: document ? "normed" : "hidden",
    },
  });
}

/** Whether the fixture is of the document-grounded copy, whose memory holds normed hidden states. */
function isDocument(fixture: Fixture): boolean {
  return /document/.test(field<string>(fixture, fixture.json, "what"));
}

/** Kind `gpt2_ltm`: a GPT-2 with long-term memory over successive segments: logits, memories, losses, every gradient. */
export function checkGpt2Ltm(fixture: Fixture, comparison: Comparison): void {
  const hyper = field<Fields>(fixture, fixture.json, "hyper");
  const config = readConfig(fixture, hyper);
  if (!remembers(config)) throw new FixtureError(`${fixture.name}.json: ltm is missing`);
  const plan = createMemoryPlan(memoryConfig(config));
  try {
    tf.tidy(() => compareModel(fixture, comparison, hyper, config, plan));
  } finally {
    plan.dispose();
  }
}

function compareModel(
  fixture: Fixture,
  comparison: Comparison,
  hyper: Fields,
  config: Gpt2Config,
  plan: MemoryPlan,
): void {
  const inputs = fedTensors(fixture);
  const give = (name: string, value: tf.Tensor): void => {
    if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
  };
  const batch = field<number>(fixture, hyper, "batch");
  const segments = field<number>(fixture, hyper, "segments");
  const klWeight = field<number>(fixture, hyper, "kl_m");
  const newDocuments = field<readonly number[]>(fixture, hyper, "new_doc_segments");
  const piece = (name: string, index: number): tf.Tensor2D => {
    const start = index * config.segmentLength;
    return tf.slice(named(inputs, name) as tf.Tensor2D, [0, start], [batch, config.segmentLength]);
  };

  const run = (params: Gpt2Params, index: number, state: Gpt2State, sampled: Sampled): Gpt2Output => {
    const tokenTypes = fixture.tensors.has("token_type_ids")
      ? { tokenTypes: piece("token_type_ids", index) }
      : {};
    return gpt2({ config, params, plan }, state, piece("ids", index), { ...tokenTypes, ...sampled });
  };
  const lossOf = (output: Gpt2Output, index: number): tf.Scalar => {
    const ce = shiftedLoss(output.logits as tf.Tensor3D, piece("ids", index));
    return tf.add(ce, tf.mul(meanPenalty(output), klWeight));
  };

  const params = referenceParams(config, inputs);
  let state = initialState(config, batch);
  for (let index = 0; index < segments; index++) {
    const at = `seg${index + 1}.`;
    const before = newDocuments.includes(index + 1) ? forgetting(state, batch) : state;
    const sampled = recordedSampling(fixture, comparison, at, before);
    const output = run(params, index, before, sampled);
    give(`${at}logits`, output.logits as tf.Tensor);
    give(`${at}loss`, shiftedLoss(output.logits as tf.Tensor3D, piece("ids", index)));
    if (output.penalties !== null) give(`${at}kl`, output.penalties);
    output.state.longTerm.forEach(({ coefficients }, layer) => {
      give(`${at}B.${layer}`, coefficients);
    });
    // The earlier segments run without gradient.
    state = mapTree(output.state, stopGradient);
    if (index < segments - 1) continue;
    const wanted = differentiated(fixture).map((name) => `w.${name}`);
    const { value, gradients } = valueAndGradients(inputs, wanted, (tensors) =>
      lossOf(run(referenceParams(config, tensors), index, before, sampled), index),
    );
    give("loss", value);
    for (const name of wanted) give(`grad.${name.slice(2)}`, gradients[name] as tf.Tensor);
  }
}

type Sampled = Pick<Gpt2ForwardOptions, "stickyPositions">;

/** Where sticky memories sampled the past in this segment, if the fixture recorded it. */
function recordedSampling(fixture: Fixture, comparison: Comparison, at: string, state: Gpt2State): Sampled {
  if (!fixture.tensors.has(`${at}layer0.sticky_bins`)) return {};
  return {
    stickyPositions: state.longTerm.map(({ attended }, layer) =>
      recordedPositions(fixture, comparison, `${at}layer${layer}.`, attended as tf.Tensor2D),
    ),
  };
}

/** The state where a new document empties the memory, but not what waits to be absorbed: as the authors' code does. */
function forgetting(state: Gpt2State, batch: number): Gpt2State {
  return { ...state, longTerm: state.longTerm.map((memory) => resetRows(memory, tf.ones([batch]))) };
}

/** Parameters from weights under their names in the authors' state dict. */
function referenceParams(config: Gpt2Config, tensors: NamedTensors): Gpt2Params {
  const all = weightSlots(config).map((slot) => {
    const name = [`w.transformer.${slot.name}`, `w.${slot.name}`].find((key) => key in tensors);
    if (name === undefined) throw new FixtureError(`weight ${slot.name} is missing`);
    return { path: slot.path, tensor: fromHuggingFace(slot, named(tensors, name)) };
  });
  return treeFromLeaves(all) as Gpt2Params;
}
