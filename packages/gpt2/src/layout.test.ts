import { createRng } from "@infinite-former/random";
import { disposeTree, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { smallMemory } from "../test/model.js";
import { type Gpt2Options, resolveGpt2Config } from "./config.js";
import { fromHuggingFace, toHuggingFace, weightSlots } from "./layout.js";
import { initGpt2 } from "./params.js";

const sizes = { vocabularySize: 11, positions: 6, layers: 2, modelSize: 12, heads: 3, innerSize: 17 };
const memory = smallMemory.longTerm;

describe("weightSlots", () => {
  it.each<[string, Partial<Gpt2Options>]>([
    ["a plain model", {}],
    ["a head of its own", { tiedOutput: false }],
    ["a memory", { longTerm: memory }],
    ["a memory without gate", { longTerm: { ...memory, gate: false } }],
    ["affine maps with biases", { longTerm: { ...memory, affineBias: true } }],
    ["densities from moments", { longTerm: { ...memory, densityFrom: "moments" } }],
  ])("names every parameter of %s, of its shape", (_, options) => {
    const config = resolveGpt2Config({ ...sizes, ...options });
    const params = initGpt2(config, createRng(1));
    const own = leaves(params).map(({ path, tensor }) => `${path} [${tensor.shape}]`);
    const slots = weightSlots(config).map((slot) =>
      tf.tidy(() => `${slot.path} [${fromHuggingFace(slot, tf.zeros([...slot.shape])).shape}]`),
    );
    expect(slots.sort()).toEqual(own.sort());
    const names = weightSlots(config).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    disposeTree(params);
  });
});

describe("fromHuggingFace", () => {
  it("keeps GPT-2's Conv1D, turns nn.Linear and nn.Conv1d, and is undone by toHuggingFace", () => {
    const config = resolveGpt2Config({ ...sizes, tiedOutput: false, longTerm: memory });
    const rng = createRng(2);
    for (const slot of weightSlots(config)) {
      tf.tidy(() => {
        const size = slot.shape.reduce((product, n) => product * n, 1);
        const weight = tf.tensor(
          Float32Array.from({ length: size }, () => rng.normal()),
          [...slot.shape],
        );
        const own = fromHuggingFace(slot, weight);
        expect(toHuggingFace(slot, own).arraySync()).toEqual(weight.arraySync());
        const values = weight.arraySync() as number[][][];
        const turned = own.arraySync() as number[][][];
        if (/c_attn\.weight|c_fc\.weight|wte/.test(slot.name)) expect(turned).toEqual(values);
        if (/proj_key|lm_head/.test(slot.name)) expect(turned[3]?.[1]).toBe(values[1]?.[3]);
        if (/mask_net\.weight/.test(slot.name)) expect(turned[2]?.[5]?.[7]).toBe(values[7]?.[5]?.[2]);
      });
    }
  });
});
