import { ConfigError } from "@infinite-former/tensor";
import type { Activation } from "@infinite-former/transformer";
import type { Gpt2CompressedConfig, Gpt2Config, Gpt2LongTermConfig, Gpt2Options } from "./config.js";
import { resolveGpt2Config } from "./config.js";

/** The member of `config.json` that holds what Hugging Face's `GPT2Config` does not know. */
const ownMember = "infinite_former";

/** `activation_function` by our names. */
const activations: ReadonlyMap<string, Activation> = new Map([
  ["gelu_new", "gelu"],
  ["gelu_pytorch_tanh", "gelu"],
  ["gelu", "gelu-erf"],
  ["relu", "relu"],
]);

/** Other names that `GPT2Config` takes for its fields. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  n_embd: ["hidden_size"],
  n_positions: ["max_position_embeddings", "n_ctx"],
  n_head: ["num_attention_heads"],
  n_layer: ["num_hidden_layers"],
};

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
 * @throws {ConfigError} `ERR_CONFIG` whose `path` is the field that is not
 *   supported or out of range, under the name it has in the file.
 */
export function configFromHuggingFace(json: unknown, additions: HuggingFaceAdditions = {}): Gpt2Config {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ConfigError("", "config.json: must be an object, got another value");
  }
  const fields = json as Readonly<Record<string, unknown>>;
  refuseUnsupported(fields);
  const own = ownFields(fields);
  const longTerm = joined("longTerm", own, additions);
  const compressed = joined("compressed", own, additions);
  const segmentLength = additions.segmentLength ?? own.segmentLength;
  const modelSize = sizeField(fields, "n_embd", 768);
  const heads = sizeField(fields, "n_head", 12);
  if (modelSize % heads !== 0) fault("n_head", `divide n_embd ${modelSize}`, heads);
  const options: Gpt2Options = {
    vocabularySize: sizeField(fields, "vocab_size", 50257),
    positions: sizeField(fields, "n_positions", 1024),
    layers: sizeField(fields, "n_layer", 12, 4096),
    modelSize,
    heads,
    innerSize: fields["n_inner"] == null ? 4 * modelSize : sizeField(fields, "n_inner", 0),
    activation: activationField(fields),
    normEpsilon: positiveField(fields, "layer_norm_epsilon", 1e-5),
    scaledScores: flagField(fields, "scale_attn_weights", true),
    scoresByLayer: flagField(fields, "scale_attn_by_inverse_layer_idx", false),
    tiedOutput: flagField(fields, "tie_word_embeddings", true),
    dropout: {
      embedding: rateField(fields, "embd_pdrop"),
      attention: rateField(fields, "attn_pdrop"),
      residual: rateField(fields, "resid_pdrop"),
    },
    ...(segmentLength === undefined ? {} : { segmentLength }),
    ...longTerm,
    ...compressed,
  };
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

function refuseUnsupported(fields: Readonly<Record<string, unknown>>): void {
  const type = fields["model_type"];
  if (type !== undefined && type !== "gpt2") fault("model_type", 'be "gpt2"', type);
  for (const path of ["add_cross_attention", "is_encoder_decoder"]) {
    if (flagField(fields, path, false)) fault(path, "be false", true);
  }
  const quantised = fields["quantization_config"];
  if (quantised != null)
    fault("quantization_config", "be absent: weights must be float32, float16 or bfloat16", quantised);
  const pruned = fields["pruned_heads"];
  if (pruned != null && Object.keys(pruned).length > 0) fault("pruned_heads", "be empty", pruned);
}

function ownFields(fields: Readonly<Record<string, unknown>>): HuggingFaceAdditions {
  const own = fields[ownMember];
  if (own === undefined) return {};
  if (typeof own !== "object" || own === null) fault(ownMember, "be an object", own);
  const { segmentLength, longTerm, compressed } = own as Readonly<Record<string, unknown>>;
  for (const [name, memory] of Object.entries({ longTerm, compressed })) {
    if (memory !== undefined && (typeof memory !== "object" || memory === null)) {
      fault(`${ownMember}.${name}`, "be an object", memory);
    }
  }
  return {
    ...(segmentLength === undefined ? {} : { segmentLength: segmentLength as number }),
    ...(longTerm === undefined ? {} : { longTerm: longTerm as Partial<Gpt2LongTermConfig> }),
    ...(compressed === undefined ? {} : { compressed: compressed as Partial<Gpt2CompressedConfig> }),
  };
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

/** Above the size of any model: what a file asks for must not decide how much is laid out before its weights are seen. */
const largestSize = 2 ** 24;

/** A size under its name or another that `GPT2Config` takes for it. */
function sizeField(
  fields: Readonly<Record<string, unknown>>,
  path: string,
  absent: number,
  most = largestSize,
): number {
  const given = [path, ...(aliases[path] ?? [])].find((name) => fields[name] !== undefined) ?? path;
  const value = fields[given] ?? absent;
  if (!Number.isSafeInteger(value) || (value as number) < 1) fault(given, "be a whole number above 0", value);
  if ((value as number) > most) fault(given, `be at most ${most}`, value);
  return value as number;
}

function positiveField(fields: Readonly<Record<string, unknown>>, path: string, absent: number): number {
  const value = fields[path] ?? absent;
  if (!(typeof value === "number" && Number.isFinite(value) && value > 0))
    fault(path, "be a finite number above 0", value);
  return value;
}

function rateField(fields: Readonly<Record<string, unknown>>, path: string): number {
  const value = fields[path] ?? 0.1;
  if (!(typeof value === "number" && value >= 0 && value < 1)) fault(path, "be in [0, 1)", value);
  return value;
}

function flagField(fields: Readonly<Record<string, unknown>>, path: string, absent: boolean): boolean {
  const value = fields[path] ?? absent;
  if (typeof value !== "boolean") fault(path, "be true or false", value);
  return value;
}

function activationField(fields: Readonly<Record<string, unknown>>): Activation {
  const value = fields["activation_function"] ?? "gelu_new";
  const known = typeof value === "string" ? activations.get(value) : undefined;
  return known ?? fault("activation_function", `be one of ${[...activations.keys()].join(", ")}`, value);
}

function fault(path: string, must: string, value: unknown): never {
  const shown = JSON.stringify(value) ?? String(value);
  throw new ConfigError(path, `config.json: ${path} must ${must}, got ${shown.slice(0, 80)}`);
}
