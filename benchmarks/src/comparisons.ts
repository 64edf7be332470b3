import { charSizes } from "./char-sizes.js";
import type { Isa } from "./result.js";
import { sizes, sortingSize } from "./sizes.js";
import { sortingModels } from "./sorting-settings.js";

/** One implementation of a case, as a process. */
export interface Contender {
  /** What results call it. */
  readonly label: string;
  readonly language: "node" | "python";
  /** Options of its command line, by name. */
  readonly options: Readonly<Record<string, string>>;
}

/** Ours and its peers, to be timed in turn. */
export interface Comparison {
  readonly name: "train-step" | "generate" | "memory-update";
  readonly model: string;
  readonly size: string;
  readonly memory?: "on" | "off";
  readonly sequences?: number;
  readonly backend: string;
  readonly ours: Contender;
  readonly peers: readonly (Contender & { readonly note?: string; readonly tokens?: number })[];
  /** Tokens of one unit of ours. */
  readonly tokens?: number;
  /** Units of work in one turn. */
  readonly units: number;
  /** Share of the asked rounds that this case gets: less where a turn takes long. */
  readonly roundShare: number;
  /** On which instruction sets it runs if none is named. */
  readonly isas: readonly Isa[];
}

/** What errors call a comparison. */
export function describeComparison({ name, model, size, memory, sequences, backend }: Comparison): string {
  const more = [
    memory === undefined ? "" : `memory ${memory}`,
    sequences === undefined ? "" : `${sequences} ${sequences === 1 ? "sequence" : "sequences"}`,
    backend === "tensorflow" ? "" : `on ${backend}`,
  ];
  return [name, model, size, ...more].filter(Boolean).join(" ");
}

const both: readonly Isa[] = ["native", "avx2"];
const alone: readonly Isa[] = ["native"];
const variants = ["as-released", "careful"];
/** Of training steps there is a third one, beyond what PyTorch has of its own. */
const stepVariants = [...variants, "tuned"];
const measuredSizes = ["a", "b"];

/**
 * Every comparison between processes, in the order in which they run. Options
 * of ours and of its peers are the same, but for what only one of them has.
 *
 * @param backend of ours.
 */
export function comparisons(backend: string): Comparison[] {
  return [
    ...measuredSizes.map((size) => memoryUpdates(size, backend)),
    ...sortingModels.flatMap((model) => measuredSizes.map((size) => sortingSteps(model, size, backend))),
    charSteps(backend),
    ...(["off", "on"] as const).map((memory) => gpt2Steps(memory, backend)),
    ...(backend === "wasm" ? [] : [wasmSteps()]),
    ...["infinite-former", "transformer-xl"].flatMap((model) =>
      [1, 8].map((sequences) => generation({ model, size: "a", sequences, backend, variants })),
    ),
    ...[1, 8].map((sequences) =>
      generation({ model: "gpt2", size: "small", sequences, backend, variants: ["transformers"] }),
    ),
  ];
}

function ours(backend: string, options: Readonly<Record<string, string>>): Contender {
  return { label: backend, language: "node", options: { ...options, backend } };
}

function pytorch(variant: string, options: Readonly<Record<string, string>>): Contender {
  const own = variant === "transformers" || variant === "nanogpt";
  return {
    label: own ? variant : `pytorch-${variant}`,
    language: "python",
    options: { ...options, variant },
  };
}

function sortingSteps(model: string, size: string, backend: string): Comparison {
  const options = { case: "train-step", model, size };
  const { batch, segments, segmentLength } = sortingSize(size);
  return {
    name: "train-step",
    model,
    size,
    backend,
    ours: ours(backend, options),
    peers: stepVariants.map((variant) => pytorch(variant, options)),
    tokens: batch * segments * segmentLength,
    units: size === "a" ? 2 : 1,
    roundShare: 1,
    isas: both,
  };
}

function charSteps(backend: string): Comparison {
  const options = { case: "train-step", model: "char", size: "moby-dick" };
  const { batch, block } = sizes.nanogpt;
  const eager: Contender = { ...ours(backend, { ...options, mode: "eager" }), label: "eager" };
  return {
    name: "train-step",
    model: "char",
    size: "moby-dick",
    backend,
    ours: ours(backend, options),
    peers: [
      ...(backend === "tensorflow" ? [eager] : []),
      {
        ...pytorch("nanogpt", options),
        note: `another model: a plain decoder of 4 layers of 128, ${batch} × ${block} characters a step`,
        tokens: batch * block,
      },
    ],
    tokens: charSizes.batch * charSizes.segmentLength,
    units: 5,
    roundShare: 1,
    isas: alone,
  };
}

function gpt2Steps(memory: "on" | "off", backend: string): Comparison {
  const options = { case: "train-step", model: "gpt2", size: "small", memory };
  return {
    name: "train-step",
    model: "gpt2",
    size: "small",
    memory,
    backend,
    ours: ours(backend, options),
    peers: [pytorch("transformers", options)],
    tokens: sizes.gpt2.batch * sizes.gpt2.block,
    units: 1,
    roundShare: 0.6,
    isas: alone,
  };
}

/** Our step on WebAssembly, against PyTorch; that it is slower is known. */
function wasmSteps(): Comparison {
  const options = { case: "train-step", model: "infinite-former", size: "a" };
  const { peers: _, ...rest } = sortingSteps("infinite-former", "a", "wasm");
  return {
    ...rest,
    peers: [{ ...ours("tensorflow", options) }, pytorch("as-released", options)],
    units: 1,
    roundShare: 0.34,
    isas: alone,
  };
}

function memoryUpdates(size: string, backend: string): Comparison {
  const options = { case: "memory-update", model: "infinite-former", size };
  return {
    name: "memory-update",
    model: "infinite-former",
    size,
    backend,
    ours: ours(backend, options),
    peers: variants.map((variant) => pytorch(variant, options)),
    units: 20,
    roundShare: 1,
    isas: alone,
  };
}

function generation(given: {
  readonly model: string;
  readonly size: string;
  readonly sequences: number;
  readonly backend: string;
  readonly variants: readonly string[];
}): Comparison {
  const { model, size, sequences, backend } = given;
  const options = { case: "generate", model, size, sequences: String(sequences) };
  return {
    name: "generate",
    model,
    size,
    sequences,
    backend,
    ours: ours(backend, options),
    peers: given.variants.map((variant) => pytorch(variant, options)),
    tokens: sequences,
    units: model === "gpt2" ? 16 : 32,
    roundShare: 0.6,
    isas: alone,
  };
}
