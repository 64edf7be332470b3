import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveGpt2Config } from "./config.js";
import { configFromHuggingFace, configToHuggingFace } from "./hugging-face-config.js";

/** GPT-2 small as its authors published it. */
const published = {
  activation_function: "gelu_new",
  architectures: ["GPT2LMHeadModel"],
  attn_pdrop: 0.1,
  bos_token_id: 50256,
  embd_pdrop: 0.1,
  eos_token_id: 50256,
  initializer_range: 0.02,
  layer_norm_epsilon: 1e-5,
  model_type: "gpt2",
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  resid_pdrop: 0.1,
  summary_activation: null,
  task_specific_params: { "text-generation": { do_sample: true, max_length: 50 } },
  vocab_size: 50257,
};

describe("configFromHuggingFace", () => {
  it("refuses sizes above those of any model before it lays out their weights", () => {
    expect(() => configFromHuggingFace({ ...published, n_layer: 5_000_000 })).toThrow(
      "config.json: n_layer must be at most 4096, got 5000000",
    );
    expect(() => configFromHuggingFace({ ...published, vocab_size: 2 ** 24 + 1 })).toThrow(
      "config.json: vocab_size must be at most 16777216, got 16777217",
    );
  });

  it("is followed by the token between texts: GPT-2's own, the one that is given, or none", () => {
    const idsOf = (json: Record<string, unknown>): unknown[] => [json["bos_token_id"], json["eos_token_id"]];
    const config = configFromHuggingFace(published);
    expect(idsOf(configToHuggingFace(config))).toEqual([50256, 50256]);
    expect(idsOf(configToHuggingFace({ ...config, vocabularySize: 300 }))).toEqual([null, null]);
    expect(idsOf(configToHuggingFace({ ...config, vocabularySize: 300 }, 7))).toEqual([7, 7]);
    expect(idsOf(configToHuggingFace(config, null))).toEqual([null, null]);
  });

  it("reads the published config.json", () => {
    expect(configFromHuggingFace(published)).toEqual({
      vocabularySize: 50257,
      positions: 1024,
      segmentLength: 1024,
      layers: 12,
      modelSize: 768,
      heads: 12,
      headSize: 64,
      innerSize: 3072,
      activation: "gelu",
      normEpsilon: 1e-5,
      scaledScores: true,
      scoresByLayer: false,
      tiedOutput: true,
      dropout: { embedding: 0.1, attention: 0.1, residual: 0.1 },
    });
    expect(configFromHuggingFace({})).toEqual(configFromHuggingFace(published));
  });

  it("knows the other names of fields", () => {
    const { n_ctx, n_positions, ...rest } = published;
    expect(configFromHuggingFace({ ...rest, n_ctx: 64 }).positions).toBe(64);
    expect(configFromHuggingFace({ ...published, n_ctx: 64 }).positions).toBe(1024);
    const named = {
      hidden_size: 12,
      max_position_embeddings: 9,
      num_attention_heads: 3,
      num_hidden_layers: 4,
    };
    expect(configFromHuggingFace(named)).toMatchObject({ modelSize: 12, positions: 9, heads: 3, layers: 4 });
  });

  it("reads what differs from the published model", () => {
    const config = configFromHuggingFace({
      ...published,
      activation_function: "relu",
      n_inner: 100,
      layer_norm_epsilon: 1e-3,
      scale_attn_weights: false,
      scale_attn_by_inverse_layer_idx: true,
      reorder_and_upcast_attn: true, // the same numbers in float32
      tie_word_embeddings: false,
    });
    expect(config).toMatchObject({
      activation: "relu",
      innerSize: 100,
      normEpsilon: 1e-3,
      scaledScores: false,
      scoresByLayer: true,
      tiedOutput: false,
    });
    expect(configFromHuggingFace({ n_inner: null, activation_function: "gelu" })).toMatchObject({
      innerSize: 3072,
      activation: "gelu-erf",
    });
  });

  it("adds a memory and segments, above those of the file", () => {
    const file = {
      ...published,
      infinite_former: { segmentLength: 512, longTerm: { basisCount: 64, ridge: 2 } },
    };
    expect(configFromHuggingFace(file).longTerm).toMatchObject({
      basisCount: 64,
      ridge: 2,
      segmentLength: 512,
    });
    const above = configFromHuggingFace(file, { segmentLength: 256, longTerm: { basisCount: 32 } });
    expect(above.longTerm).toMatchObject({ basisCount: 32, ridge: 2, segmentLength: 256 });
  });

  it("lists every field at fault, each under the name it has in the file", () => {
    const wrong = {
      model_type: "gptj",
      hidden_size: 1.5,
      n_layer: 9000,
      n_head: 5,
      resid_pdrop: "none",
      scale_attn_weights: null, // as if it were not there
      tie_word_embeddings: 0,
      infinite_former: { longTerm: [], speed: 2 },
      __proto__: { n_inner: -1 },
    };
    expect(() => configFromHuggingFace(wrong)).toThrow(
      [
        "config.json: 8 faults",
        'model_type must be "gpt2", got "gptj"',
        "infinite_former.speed must be left out: there is no such field, got 2",
        "infinite_former.longTerm must be an object, got []",
        "hidden_size must be a whole number above 0, got 1.5",
        "n_head must divide n_embd 768, got 5",
        "n_layer must be at most 4096, got 9000",
        "tie_word_embeddings must be true or false, got 0",
        'resid_pdrop must be in [0, 1), got "none"',
      ].join("\n  "),
    );
  });

  it.each([
    ["model_type", { model_type: "gptj" }],
    ["activation_function", { activation_function: "mish" }],
    ["activation_function", { activation_function: 3 }],
    ["add_cross_attention", { add_cross_attention: true }],
    ["is_encoder_decoder", { is_encoder_decoder: true }],
    ["quantization_config", { quantization_config: { bits: 4 } }],
    ["pruned_heads", { pruned_heads: { 1: [0] } }],
    ["vocab_size", { vocab_size: "50257" }],
    ["n_positions", { n_positions: 0 }],
    ["hidden_size", { n_embd: undefined, hidden_size: 1.5 }],
    ["n_head", { n_head: 7 }],
    ["n_inner", { n_inner: -1 }],
    ["layer_norm_epsilon", { layer_norm_epsilon: "1e-5" }],
    ["attn_pdrop", { attn_pdrop: 1 }],
    ["scale_attn_weights", { scale_attn_weights: 1 }],
    ["infinite_former", { infinite_former: 1 }],
    ["infinite_former.longTerm", { infinite_former: { longTerm: "yes" } }],
    ["segmentLength", { infinite_former: { segmentLength: 2000 } }],
    ["infinite_former.longterm", { infinite_former: { longterm: {} } }],
    ["longTerm.basisCont", { infinite_former: { longTerm: { basisCont: 64 } } }],
    ["compressed.basisCount", { infinite_former: { compressed: { basisCount: 64 } } }],
  ])("refuses what is not supported, naming %s", (path, change) => {
    expect(() => configFromHuggingFace({ ...published, ...change })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG", path }),
    );
  });

  it("gives a configuration or a typed error, whatever it is fed", () => {
    const names = fc.constantFrom(...Object.keys(published), "infinite_former", "n_inner", "pruned_heads");
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.jsonValue())), (value) => {
        try {
          configFromHuggingFace(value);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_CONFIG" });
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("configToHuggingFace", () => {
  it("is read back to the same configuration", () => {
    const sizes = { vocabularySize: 50, positions: 16, layers: 2, modelSize: 12, heads: 3 };
    for (const options of [
      sizes,
      { ...sizes, activation: "gelu-erf", tiedOutput: false, scoresByLayer: true, innerSize: 7 } as const,
      {
        ...sizes,
        segmentLength: 8,
        longTerm: { basisCount: 32, sampling: "sticky", input: "normed" },
      } as const,
    ]) {
      const config = resolveGpt2Config({
        ...options,
        dropout: { embedding: 0.1, attention: 0.2, residual: 0 },
      });
      expect(configFromHuggingFace(JSON.parse(JSON.stringify(configToHuggingFace(config))))).toEqual(config);
    }
  });
});
