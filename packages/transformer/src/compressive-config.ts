import { compressedCount, type Remainder } from "@infinite-former/memory";
import { type AdaptiveConfig, resolveAdaptiveConfig } from "./adaptive-config.js";
import { type CompressiveForm, compressivePresets } from "./compressive-presets.js";
import { type ConfigChecks, configChecks } from "./config-checks.js";
import type { Activation } from "./feed-forward.js";

/** Hyper-parameters of a Compressive Transformer language model. JSON-serialisable. */
export interface CompressiveTransformerConfig {
  /** Number of token ids, V. */
  readonly vocabularySize: number;
  /** Number of blocks. */
  readonly layers: number;
  /** Width of the hidden states. */
  readonly modelSize: number;
  /** Attention heads. */
  readonly heads: number;
  /** Width of one head; `modelSize / heads` by default. */
  readonly headSize: number;
  /** Width of the position-wise inner layer; four times `modelSize` by default. */
  readonly innerSize: number;
  /** Tokens of one segment. */
  readonly segmentLength: number;
  /** Rows of the past that stay as they were, the short-term memory. */
  readonly shortTermLength: number;
  /** Rows of compressed memory; 0 for none. */
  readonly compressedLength: number;
  /** Rows that become one compressed row. */
  readonly compressionRatio: number;
  /** Which layers have memories, ascending, counted from 0; all by default. The others see their segment only. */
  readonly memoryLayers: readonly number[];
  /** How a sub-layer's output joins the residual stream: added, or by a gated recurrent unit. */
  readonly residual: "add" | "gru";
  /**
   * Whether a layer reads what the next one above remembered of the past, and
   * the last one what the first did, instead of its own memory.
   */
  readonly enhancedRecurrence: boolean;
  /** Non-linearity of the position-wise layers. */
  readonly activation: Activation;
  /** Whether the kernel of the output is the embedding table; not in the reference. */
  readonly tiedOutput: boolean;
  /** Clusters of words for large vocabularies: `logits` are then log-probabilities. `null`, the default: none. */
  readonly adaptive: AdaptiveConfig | null;
  /** Dropout rate in [0, 1): attention output, inner and outer feed-forward. */
  readonly dropout: number;
  /**
   * Which row of the learned table a distance reads. `"fixed"`: always the
   * same. `"moving"`: with n rows present (memories and a whole segment),
   * distance s reads row n − 1 − s, so a distance changes its row while the
   * memories fill, as in the reference. The same once they are full.
   */
  readonly positionTable: "fixed" | "moving";
  /** What becomes of leaving rows that are no multiple of the ratio; see `compressRows`. */
  readonly remainder: Remainder;
  /**
   * What the auxiliary loss reconstructs: attention to the rows that were
   * compressed (`"leaving"`, the paper), or to the whole short-term memory
   * before the segment (`"memory"`, the reference). The same where
   * `shortTermLength` equals `segmentLength`.
   */
  readonly reconstruction: "leaving" | "memory";
}

/** Defaults of everything but the sizes: the paper's model, with the activation of the reference's and no dropout. */
export const defaultCompressiveTransformerConfig: Readonly<
  CompressiveForm &
    Pick<
      CompressiveTransformerConfig,
      "compressionRatio" | "activation" | "tiedOutput" | "adaptive" | "dropout"
    >
> = Object.freeze({
  ...compressivePresets.paper,
  compressionRatio: 4, // lucidrains' cmem_ratio; the paper tries 2, 3 and 4
  activation: "gelu-erf",
  tiedOutput: false,
  adaptive: null,
  dropout: 0,
});

const sizes = [
  "vocabularySize",
  "layers",
  "modelSize",
  "heads",
  "segmentLength",
  "shortTermLength",
  "compressedLength",
] as const;
type Sizes = Pick<CompressiveTransformerConfig, (typeof sizes)[number]>;
const derived = [
  "headSize",
  "innerSize",
  "memoryLayers",
] as const satisfies readonly (keyof CompressiveTransformerConfig)[];
const fields = [...sizes, ...derived, ...Object.keys(defaultCompressiveTransformerConfig)];

/** What a caller must say; the rest has defaults. */
export type CompressiveTransformerOptions = Sizes & Partial<CompressiveTransformerConfig>;

/**
 * Fills in the defaults of a Compressive Transformer and checks every field.
 *
 * @throws {ConfigError} `ERR_CONFIG` naming the path of the first field at fault.
 */
export function resolveCompressiveTransformerConfig(
  options: CompressiveTransformerOptions,
): CompressiveTransformerConfig {
  const check: ConfigChecks = configChecks("compressiveTransformer");
  check.known("", options, fields);
  const { layers, modelSize, heads } = options;
  for (const path of ["vocabularySize", "layers", "modelSize", "heads", "segmentLength"] as const) {
    check.integer(path, options[path]);
  }
  if (options.headSize === undefined && modelSize % heads !== 0) {
    check.fault("heads", `divide modelSize ${modelSize}, or headSize be given`, heads);
  }
  const config: CompressiveTransformerConfig = {
    ...defaultCompressiveTransformerConfig,
    headSize: modelSize / heads,
    innerSize: 4 * modelSize,
    memoryLayers: Array.from({ length: layers }, (_, layer) => layer),
    ...options,
  };
  for (const path of ["headSize", "innerSize", "compressionRatio"] as const)
    check.integer(path, config[path]);
  for (const path of ["shortTermLength", "compressedLength"] as const) check.integer(path, config[path], 0);
  checkMemoryLayers(check, config);
  check.oneOf("residual", config.residual, ["add", "gru"]);
  check.flag("enhancedRecurrence", config.enhancedRecurrence);
  check.oneOf("activation", config.activation, ["relu", "gelu", "gelu-erf"]);
  check.flag("tiedOutput", config.tiedOutput);
  const adaptive = resolveAdaptiveConfig(check, config, config.adaptive);
  check.rate("dropout", config.dropout);
  check.oneOf("positionTable", config.positionTable, ["fixed", "moving"]);
  check.oneOf("remainder", config.remainder, ["pad", "reference"]);
  check.oneOf("reconstruction", config.reconstruction, ["leaving", "memory"]);
  const { segmentLength, compressedLength, compressionRatio, remainder } = config;
  if (compressedLength > 0 && compressedCount(segmentLength, compressionRatio, remainder) === 0) {
    const rows = `segments of ${segmentLength} and a compressionRatio of ${compressionRatio}`;
    check.fault("remainder", `be "pad" with ${rows}, or every row were lost`, remainder);
  }
  return Object.freeze({ ...config, adaptive, memoryLayers: Object.freeze([...config.memoryLayers]) });
}

function checkMemoryLayers(
  check: ConfigChecks,
  { memoryLayers, layers }: Pick<CompressiveTransformerConfig, "memoryLayers" | "layers">,
): void {
  const fits =
    Array.isArray(memoryLayers) &&
    memoryLayers.length > 0 &&
    memoryLayers.every(
      (layer, i) => Number.isSafeInteger(layer) && layer < layers && layer > (memoryLayers[i - 1] ?? -1),
    );
  if (!fits) check.fault("memoryLayers", `be ascending layers below ${layers}, at least one`, memoryLayers);
}

/** Rows of the table of positions: everything a query can see. */
export function visibleRows(
  config: Pick<CompressiveTransformerConfig, "segmentLength" | "shortTermLength" | "compressedLength">,
): number {
  return config.segmentLength + config.shortTermLength + config.compressedLength;
}
