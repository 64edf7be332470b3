import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Gpt2, Gpt2Params } from "@infinite-former/gpt2";
import {
  disposeGpt2,
  generate,
  gpt2,
  initialState,
  toHuggingFace,
  type WeightSlot,
  weightSlots,
} from "@infinite-former/gpt2";
import { loadGpt2 } from "@infinite-former/gpt2/node";
import { createRng } from "@infinite-former/random";
import { leaves, mapTree } from "@infinite-former/tensor";
import { crossEntropy } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, tensor } from "../fixture.js";
import { differentiated, onBackend } from "../reference-weights.js";

/** Kind `gpt2`: a checkpoint beside the fixture: logits, hidden states, loss, gradients, greedy continuation. */
export async function checkGpt2(fixture: Fixture, comparison: Comparison): Promise<void> {
  const folder = String(fixture.json["folder"] ?? fixture.name);
  await compareHyper(fixture, comparison, folder);
  const model = await loadGpt2(join(fixture.directory, folder));
  try {
    tf.tidy(() => compareForward(fixture, comparison, model));
    await compareGreedy(fixture, comparison, model);
  } finally {
    disposeGpt2(model);
  }
}

/** Hyper-parameters that the fixture states are those of the checkpoint. */
async function compareHyper(fixture: Fixture, comparison: Comparison, folder: string): Promise<void> {
  const text = await readFile(join(fixture.directory, folder, "config.json"), "utf8");
  const config = JSON.parse(text) as Record<string, unknown>;
  const hyper = (fixture.json["hyper"] ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(hyper)) {
    if (name in config) comparison.checkExact(`hyper.${name}`, [config[name]], [value]);
  }
}

function compareForward(fixture: Fixture, comparison: Comparison, model: Gpt2): void {
  const ids = onBackend(fixture, "ids") as tf.Tensor2D;
  const state = initialState(model.config, ids.shape[0]);
  const give = (name: string, value: tf.Tensor): void => {
    if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
  };
  const { logits, hiddenStates } = gpt2(model, state, ids, { hiddenStates: true });
  give("logits", logits as tf.Tensor);
  hiddenStates?.forEach((hidden, index) => {
    give(`hidden.${index}`, hidden);
  });

  const slots = differentiated(fixture).map((name) => ({ name, slot: gradientSlot(fixture, model, name) }));
  const all = leaves(model.params);
  const at = slots.map(({ slot }) => all.find(({ path }) => path === slot.path)?.tensor as tf.Tensor);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const params: Gpt2Params = mapTree(model.params, (own) => {
      const index = at.indexOf(own);
      return index < 0 ? own : (tensors[index] as tf.Tensor);
    });
    return shiftedLoss(gpt2({ ...model, params }, state, ids).logits as tf.Tensor3D, ids);
  })(at);
  give("loss", value);
  slots.forEach(({ name, slot }, index) => {
    give(`grad.${name}`, toHuggingFace(slot, grads[index] as tf.Tensor));
  });
}

/** Mean cross entropy of each token but the first, given those before it. */
export function shiftedLoss(logits: tf.Tensor3D, ids: tf.Tensor2D): tf.Scalar {
  const [batch, count, vocabulary] = logits.shape;
  const given = tf.slice(logits, [0, 0, 0], [batch, count - 1, vocabulary]);
  return crossEntropy(given, tf.slice(ids, [0, 1], [batch, count - 1])).loss;
}

/** The weight that a fixture calls `wte` or `h0.c_attn`. */
function gradientSlot(fixture: Fixture, model: Gpt2, name: string): WeightSlot {
  const [, layer, rest] = /^(?:h(\d+)\.)?(.+)$/.exec(name) as unknown as [string, string?, string?];
  const found = weightSlots(model.config).filter((slot) => {
    const [, index] = /^h\.(\d+)\./.exec(slot.name) ?? [];
    return (
      index === layer &&
      [`.${slot.name}`, `.${slot.name}`.replace(/\.weight$/, "")].some((full) => full.endsWith(`.${rest}`))
    );
  });
  if (found.length !== 1)
    throw new FixtureError(`${fixture.name}: grad.${name} names ${found.length} weights`);
  return found[0] as WeightSlot;
}

/** The likeliest tokens after the ids that row 0 of `ids` and `greedy` begin with. */
async function compareGreedy(fixture: Fixture, comparison: Comparison, model: Gpt2): Promise<void> {
  if (!fixture.tensors.has("greedy")) return;
  const { data: want } = tensor(fixture, "greedy");
  const { data: ids } = tensor(fixture, "ids");
  const differs = want.findIndex((id, index) => id !== ids[index]);
  const prompt = want.slice(0, differs < 0 ? want.length : differs);
  const got = [...prompt];
  const maxTokens = want.length - prompt.length;
  for await (const id of generate(model, { prompt, maxTokens, temperature: 0, rng: createRng(0) }))
    got.push(id);
  comparison.check("greedy", got, "float32");
}
