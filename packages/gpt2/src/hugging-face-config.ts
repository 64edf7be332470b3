import { ConfigError } from "@infinite-former/tensor";
import type { Activation } from "@infinite-former/transformer";
import type { Gpt2CompressedConfig, Gpt2Config, Gpt2LongTermConfig, Gpt2Options } from "./config.js";
import { resolveGpt2Config } from "./config.js";
import { type HuggingFaceFields, huggingFaceFields } from "./hugging-face-fields.js";

/** The member of `config.json` that holds what Hugging Face's `GPT2Config` does not know. */
const ownMember = "infinite_former";

/** `activation_function` by our names. */
const activations: ReadonlyMap<string, Activation> = new Map([
  ["gelu_new", "gelu"],
  ["gelu_pytorch_tanh", "gelu"],
  ["gelu", "gelu-erf"],
  ["relu", "relu"],
]);

/** What a caller adds to a `config.json`. */
export interface HuggingFaceAdditions {
  /** Tokens of one segment; stands above the file's. */
  readonly segmentLength?: number;
  /** A long-term memory; its fields stand above the file's. */
  readonly longTerm?: Partial<Gpt2LongTermConfig>;
  /** A compressed memory; likewise. */
  readonly compressed?: Partial<Gpt2CompressedConfig>;
}

/**
 * A configuration from a Hugging Face `config.json`; untrusted. Absent fields
 * have the values of `GPT2Config`; fields that change nothing here
 * (`reorder_and_upcast_attn`, summaries, generation) are passed over.
 *
 * @param json parsed.
 * @throws {ConfigError} `ERR_CONFIG` that lists every field that is not supported or out of
 *   range, under the name it has in the file; `path` is the first one. What fits no other
 *   field (a memory of more layers than the model has) is told alone, once each is right by itself.
 */
export function configFromHuggingFace(json: unknown, additions: HuggingFaceAdditions = {}): Gpt2Config {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ConfigError("", "config.json: must be an object, got another value");
  }
  const fields = huggingFaceFields(json as Readonly<Record<string, unknown>>);
  refuseUnsupported(fields);
  const own = ownFields(fields);
  const longTerm = joined("longTerm", own, additions);
  const compressed = joined("compressed", own, additions);
  const segmentLength = additions.segmentLength ?? own.segmentLength;
  const modelSize = fields.size("n_embd", 768);
  const heads = fields.size("n_head", 12);
  if (modelSize % heads !== 0) fields.fault("n_head", `divide n_embd ${modelSize}`, heads);
  const options: Gpt2Options = {
    vocabularySize: fields.size("vocab_size", 50257),
    positions: fields.size("n_positions", 1024),
    layers: fields.size("n_layer", 12, 4096),
    modelSize,
    heads,
    innerSize: fields.value("n_inner") == null ? 4 * modelSize : fields.size("n_inner", 0),
    activation: activationField(fields),
    normEpsilon: fields.positive("layer_norm_epsilon", 1e-5),
    scaledScores: fields.flag("scale_attn_weights", true),
    scoresByLayer: fields.flag("scale_attn_by_inverse_layer_idx", false),
    tiedOutput: fields.flag("tie_word_embeddings", true),
    dropout: {
      embedding: fields.rate("embd_pdrop"),
      attention: fields.rate("attn_pdrop"),
      residual: fields.rate("resid_pdrop"),
    },
    ...(segmentLength === undefined ? {} : { segmentLength }),
    ...longTerm,
    ...compressed,
  };
  fields.throwFaults();
  return resolveGpt2Config(options);
}

/**
 * The `config.json` of a configuration: Hugging Face's fields, and ours in the member `infinite_former`.
 *
 * @param endOfText the token between texts; `null` for none.
 */
export function configToHuggingFace(
  config: Gpt2Config,
  endOfText: number | null = defaultEndOfText(config),
): Record<string, unknown> {
  const [activation] = [...activations].find(([, own]) => own === config.activation) as [string, unknown];
  const { longTerm, compressed, segmentLength, positions } = config;
  const own = {
    ...(segmentLength === positions ? {} : { segmentLength }),
    ...(longTerm === undefined ? {} : { longTerm }),
    ...(compressed === undefined ? {} : { compressed }),
  };
  return {
    architectures: ["GPT2LMHeadModel"],
    model_type: "gpt2",
    vocab_size: config.vocabularySize,
    n_positions: positions,
    n_embd: config.modelSize,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.innerSize,
    activation_function: activation,
    layer_norm_epsilon: config.normEpsilon,
    scale_attn_weights: config.scaledScores,
    scale_attn_by_inverse_layer_idx: config.scoresByLayer,
    reorder_and_upcast_attn: false,
    tie_word_embeddings: config.tiedOutput,
    embd_pdrop: config.dropout.embedding,
    attn_pdrop: config.dropout.attention,
    resid_pdrop: config.dropout.residual,
    bos_token_id: endOfText,
    eos_token_id: endOfText,
    ...(Object.keys(own).length > 0 ? { [ownMember]: own } : {}),
  };
}

/** GPT-2's own, where the vocabulary is as large as its. */
function defaultEndOfText({ vocabularySize }: Gpt2Config): number | null {
  return vocabularySize === 50_257 ? 50_256 : null;
}

function refuseUnsupported(fields: HuggingFaceFields): void {
  const type = fields.value("model_type");
  if (type !== undefined && type !== "gpt2") fields.fault("model_type", 'be "gpt2"', type);
  for (const path of ["add_cross_attention", "is_encoder_decoder"]) {
    if (fields.flag(path, false)) fields.fault(path, "be false", true);
  }
  const quantised = fields.value("quantization_config");
  if (quantised != null) {
    const must = "be absent: weights must be float32, float16 or bfloat16";
    fields.fault("quantization_config", must, quantised);
  }
  const pruned = fields.value("pruned_heads");
  if (pruned != null && Object.keys(pruned).length > 0) fields.fault("pruned_heads", "be empty", pruned);
}

function ownFields(fields: HuggingFaceFields): HuggingFaceAdditions {
  const own = fields.value(ownMember);
  if (own === undefined) return {};
  if (!isObject(own)) {
    fields.fault(ownMember, "be an object", own);
    return {};
  }
  const { segmentLength, longTerm, compressed, ...others } = own;
  for (const [name, value] of Object.entries(others)) {
    fields.fault(`${ownMember}.${name}`, "be left out: there is no such field", value);
  }
  for (const [name, memory] of Object.entries({ longTerm, compressed })) {
    if (memory !== undefined && !isObject(memory)) {
      fields.fault(`${ownMember}.${name}`, "be an object", memory);
    }
  }
  return {
    ...(segmentLength === undefined ? {} : { segmentLength: segmentLength as number }),
    ...(isObject(longTerm) ? { longTerm: longTerm as Partial<Gpt2LongTermConfig> } : {}),
    ...(isObject(compressed) ? { compressed: compressed as Partial<Gpt2CompressedConfig> } : {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A memory of the file with what the caller says of it; nothing where neither has one. */
function joined<M extends "longTerm" | "compressed">(
  memory: M,
  own: HuggingFaceAdditions,
  additions: HuggingFaceAdditions,
): Pick<HuggingFaceAdditions, M> | object {
  if (own[memory] === undefined && additions[memory] === undefined) return {};
  return { [memory]: { ...own[memory], ...additions[memory] } };
}

function activationField(fields: HuggingFaceFields): Activation {
  const value = fields.value("activation_function") ?? "gelu_new";
  const known = typeof value === "string" ? activations.get(value) : undefined;
  if (known !== undefined) return known;
  fields.fault("activation_function", `be one of ${[...activations.keys()].join(", ")}`, value);
  return "gelu";
}
