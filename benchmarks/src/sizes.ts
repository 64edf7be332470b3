import { readFileSync } from "node:fs";
import { wrong } from "./arguments.js";
import { folder } from "./folder.js";

/** Sizes of a sorting model that all three kinds share. */
export interface SortingBody {
  readonly layers: number;
  readonly modelSize: number;
  readonly heads: number;
  readonly headSize: number;
  readonly innerSize: number;
  readonly vocabularySize: number;
  readonly batch: number;
  readonly segmentLength: number;
  /** Segments of one sequence, the answers included. */
  readonly segments: number;
  readonly answers: number;
  readonly dropout: number;
  /** Tokens read before the first is generated: memories are full then, and the next segment is near. */
  readonly prompt: number;
}

/** Long-term memory of an ∞-former as it is measured. */
export interface LongTermSizes {
  readonly basisCount: number;
  readonly sampleCount: number;
  readonly basisWidths: readonly number[];
  readonly contraction: number;
  readonly ridge: number;
}

/** One size of the sorting models. */
export interface SortingSize extends SortingBody {
  readonly "infinite-former": LongTermSizes & {
    readonly shortTermLength: number;
    readonly longTermLength: number;
    readonly klWeight: number;
    readonly gate: boolean;
  };
  readonly "transformer-xl": { readonly shortTermLength: number };
  readonly compressive: {
    readonly shortTermLength: number;
    readonly compressedLength: number;
    readonly compressionRatio: number;
    readonly reconstructionWeight: number;
  };
}

/** What is measured, read by the contenders of both languages. */
export interface Sizes {
  readonly sorting: Readonly<Record<string, SortingSize>>;
  readonly nanogpt: { readonly block: number; readonly batch: number };
  readonly gpt2: Pick<
    SortingBody,
    "layers" | "modelSize" | "heads" | "vocabularySize" | "batch" | "prompt"
  > & {
    readonly block: number;
    readonly longTerm: LongTermSizes;
  };
}

/** `benchmarks/sizes.json`, which stands beside `src` and beside `dist`. */
export const sizes: Sizes = JSON.parse(readFileSync(new URL("sizes.json", folder), "utf8"));

/** One size of the sorting models by its name. */
export function sortingSize(name: string): SortingSize {
  const found = sizes.sorting[name];
  if (found === undefined) {
    throw wrong(`--size: no size ${name}; there are ${Object.keys(sizes.sorting).join(", ")}`);
  }
  return found;
}
