import { createRng } from "@infinite-former/random";
import type { SafetensorsTensor } from "@infinite-former/safetensors";
import { toFloat32 } from "@infinite-former/safetensors";
import { disposeTree, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf, smallGpt2, smallMemory, tokens } from "../test/model.js";
import type { Gpt2Options } from "./config.js";
import type { Gpt2LayoutError } from "./errors.js";
import { disposeGpt2, type Gpt2, gpt2From } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { initialState } from "./state.js";
import { readWeights, writeWeights } from "./weights.js";

type Weights = Map<string, SafetensorsTensor>;

/** A source over weights in memory. */
const sourceOf = (weights: Weights) => ({
  tensors: weights,
  read: (name: string) => weights.get(name) as SafetensorsTensor,
});

const logits = (model: Gpt2): number[] =>
  tf.tidy(() => {
    const out = gpt2(model, initialState(model.config, 1), batchOf([tokens(5, 1)]));
    return [...(out.logits as tf.Tensor).dataSync()];
  });

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(before);
});

describe("readWeights", () => {
  it("is undone by writeWeights, and the other way round, byte for byte", async () => {
    for (const options of [{}, { tiedOutput: false }, smallMemory] satisfies Partial<Gpt2Options>[]) {
      const model = smallGpt2(options);
      const written = await writeWeights(model.config, model.params);
      const params = await readWeights(model.config, sourceOf(written));
      const own = new Map(leaves(model.params).map(({ path, tensor }) => [path, tensor.dataSync()]));
      expect(leaves(params).length).toBe(own.size);
      for (const { path, tensor } of leaves(params))
        expect([path, tensor.dataSync()]).toEqual([path, own.get(path)]);
      expect(await writeWeights(model.config, params)).toEqual(written);
      disposeTree(params);
      disposeGpt2(model);
    }
  });

  it("takes names with and without prefix, a tied head, masks and what nothing uses", async () => {
    const model = smallGpt2(smallMemory);
    const written = await writeWeights(model.config, model.params);
    const mask: SafetensorsTensor = { dtype: "U8", shape: [1, 1, 6, 6], data: new Uint8Array(36) };
    const scalar: SafetensorsTensor = { dtype: "F32", shape: [], data: Float32Array.of(-1e4) };
    const bare: Weights = new Map(
      [...written].map(([name, tensor]) => [name.replace(/^transformer\./, ""), tensor]),
    );
    const full: Weights = new Map([
      ...written,
      ["lm_head.weight", written.get("transformer.wte.weight") as SafetensorsTensor],
      ["transformer.h.0.attn.bias", mask],
      ["transformer.h.1.attn.masked_bias", scalar],
    ]);
    for (const weights of [bare, full]) {
      const again = gpt2From(model.config, await readWeights(model.config, sourceOf(weights)));
      expect(logits(again)).toEqual(logits(model));
      disposeGpt2(again);
    }
    disposeGpt2(model);
  });

  it.each(["F16", "BF16"] as const)("reads %s as float32, exactly", async (dtype) => {
    const model = smallGpt2();
    const written = await writeWeights(model.config, model.params);
    const rng = createRng(4);
    const halves: Weights = new Map();
    const widened: Weights = new Map();
    for (const [name, { shape, data }] of written) {
      // Sign and fraction at random, around 2⁻³ in either type.
      const [exponent, span] = dtype === "F16" ? [12 << 10, 1 << 10] : [124 << 7, 1 << 7];
      const bits = Uint16Array.from(
        data as Float32Array,
        () => (rng.integer(0, 2) << 15) | (exponent + rng.integer(0, span)),
      );
      const half: SafetensorsTensor = { dtype, shape, data: bits };
      halves.set(name, half);
      widened.set(name, { dtype: "F32", shape, data: toFloat32(half) });
    }
    const [a, b] = await Promise.all(
      [halves, widened].map(async (weights) =>
        gpt2From(model.config, await readWeights(model.config, sourceOf(weights))),
      ),
    );
    expect(logits(a as Gpt2)).toEqual(logits(b as Gpt2));
    for (const one of [a, b, model]) disposeGpt2(one as Gpt2);
  });

  it("lists every weight that is missing, unexpected, misshapen or quantised, and reads none", async () => {
    const model = smallGpt2();
    const weights = await writeWeights(model.config, model.params);
    weights.delete("transformer.h.1.mlp.c_fc.bias");
    weights.delete("transformer.wpe.weight");
    const [wte, gain] = ["transformer.wte.weight", "transformer.ln_f.weight"];
    weights.set("score.weight", { dtype: "F32", shape: [1], data: new Float32Array(1) });
    weights.set("transformer.h.2.ln_1.bias", { dtype: "F32", shape: [12], data: new Float32Array(12) });
    weights.set("wte.weight", weights.get(wte) as SafetensorsTensor); // twice
    weights.set(wte, { dtype: "F32", shape: [12, 11], data: new Float32Array(132) });
    weights.set(gain, { dtype: "I8", shape: [12], data: new Int8Array(12) });
    const read = (): never => {
      throw new Error("nothing should be read");
    };
    const error: Gpt2LayoutError = await readWeights(model.config, { tensors: weights, read }).then(
      () => expect.fail("should be refused"),
      (caught) => caught,
    );
    expect(error.code).toBe("ERR_GPT2_LAYOUT");
    expect([...error.missing].sort()).toEqual(["transformer.h.1.mlp.c_fc.bias", "transformer.wpe.weight"]);
    expect([...error.unexpected].sort()).toEqual(["score.weight", "transformer.h.2.ln_1.bias", "wte.weight"]);
    expect(error.misfit.map(({ name }) => name).sort()).toEqual([gain, wte]);
    expect(error.message).toContain(`misfit: ${wte} must be F32, F16, BF16, F64 [11, 12], got F32 [12, 11]`);
    expect(error.message).toContain("missing: transformer.wpe.weight");
    disposeGpt2(model);
  });

  it("names what is missing as the file would: without a prefix where it has none, a head never with one", async () => {
    const model = smallGpt2({ tiedOutput: false });
    const weights = await writeWeights(model.config, model.params);
    for (const name of ["lm_head.weight", "transformer.wpe.weight"]) weights.delete(name);
    const bare: Weights = new Map(
      [...weights].map(([name, tensor]) => [name.slice("transformer.".length), tensor]),
    );
    for (const [source, table] of [
      [weights, "transformer.wpe.weight"],
      [bare, "wpe.weight"],
    ] as const) {
      const refused = readWeights(model.config, sourceOf(source));
      await expect(refused).rejects.toMatchObject({ missing: [table, "lm_head.weight"] });
    }
    disposeGpt2(model);
  });

  it("refuses a head that is not the table it is tied to, which would be lost", async () => {
    const model = smallGpt2();
    const weights = await writeWeights(model.config, model.params);
    const table = weights.get("transformer.wte.weight") as SafetensorsTensor;
    const head = Float32Array.from(table.data as Float32Array);
    head[29] = 7;
    weights.set("lm_head.weight", { dtype: "F32", shape: [11, 12], data: head });
    await expect(readWeights(model.config, sourceOf(weights))).rejects.toThrow(
      /misfit: lm_head.weight must be equal to transformer.wte.weight, .*tie_word_embeddings.*got 7 for -?[\d.e-]+ at \[2, 5\]/,
    );
    weights.set("lm_head.weight", { dtype: "F32", shape: [12, 11], data: head });
    await expect(readWeights(model.config, sourceOf(weights))).rejects.toThrow(
      "misfit: lm_head.weight must be F32, F16, BF16, F64 [11, 12], got F32 [12, 11]",
    );
    disposeGpt2(model);
  });

  it("lists every weight with a number that is not finite", async () => {
    const model = smallGpt2();
    const weights = await writeWeights(model.config, model.params);
    const plant = (name: string, at: number, value: number): void => {
      (weights.get(name) as { data: Float32Array }).data[at] = value;
    };
    plant("transformer.h.0.attn.c_attn.weight", 36 + 35, Number.NaN);
    plant("transformer.ln_f.bias", 0, Number.NEGATIVE_INFINITY);
    await expect(readWeights(model.config, sourceOf(weights))).rejects.toMatchObject({
      code: "ERR_GPT2_LAYOUT",
      misfit: [
        { name: "transformer.h.0.attn.c_attn.weight", want: "finite numbers", got: "NaN at [1, 35]" },
        { name: "transformer.ln_f.bias", want: "finite numbers", got: "-Infinity at [0]" },
      ],
    });
    disposeGpt2(model);
  });

  it("lists the memory's weights of a plain checkpoint, and those that a plain model does not have", async () => {
    const [plain, memory] = [smallGpt2(), smallGpt2(smallMemory)];
    const [few, many] = [
      await writeWeights(plain.config, plain.params),
      await writeWeights(memory.config, memory.params),
    ];
    await expect(readWeights(memory.config, sourceOf(few))).rejects.toThrow(
      "missing: transformer.h.0.attn.long_term_attention.proj_key.weight",
    );
    await expect(readWeights(plain.config, sourceOf(many))).rejects.toThrow(
      "unexpected: transformer.h.1.attn.long_term_attention.mu.weight",
    );
    for (const model of [plain, memory]) disposeGpt2(model);
  });

  it("cuts long lists and odd names in its message, and frees what it read where a later read fails", async () => {
    const model = smallGpt2();
    const weights = await writeWeights(model.config, model.params);
    const many = new Map(weights);
    for (let i = 0; i < 1100; i++)
      many.set(`x${i}\n${"y".repeat(500)}`, weights.values().next().value as SafetensorsTensor);
    const message = await readWeights(model.config, sourceOf(many)).then(String, String);
    expect(message).toContain("unexpected: and 100 more");
    expect(message.length).toBeLessThan(110_000);
    let reads = 0;
    const failing = {
      tensors: weights,
      read: (name: string) => {
        if (++reads > 5) throw new Error("disk gone");
        return weights.get(name) as SafetensorsTensor;
      },
    };
    await expect(readWeights(model.config, failing)).rejects.toThrow("disk gone");
    disposeGpt2(model);
  });
});

describe("writeWeights", () => {
  it("uses the names of transformers, and the authors' for the memory", async () => {
    const model = smallGpt2(smallMemory);
    const weights = await writeWeights(model.config, model.params);
    const attention = "transformer.h.1.attn";
    expect([...weights.keys()].filter((name) => name.startsWith(attention)).sort()).toEqual([
      `${attention}.c_attn.bias`,
      `${attention}.c_attn.weight`,
      `${attention}.c_proj.bias`,
      `${attention}.c_proj.weight`,
      ...[
        "attn_out.weight",
        "mask_net.bias",
        "mask_net.weight",
        "mu.weight",
        "proj_key.weight",
        "proj_query.weight",
        "proj_value.weight",
        "sigma.weight",
      ].map((name) => `${attention}.long_term_attention.${name}`),
    ]);
    expect(weights.get(`${attention}.long_term_attention.mu.weight`)?.shape).toEqual([1, 8]);
    expect(weights.get(`${attention}.long_term_attention.mask_net.weight`)?.shape).toEqual([12, 12, 3]);
    expect(weights.has("lm_head.weight")).toBe(false);
    disposeGpt2(model);
  });
});
