/** Times of one thing over the rounds of a run. */
export interface Seconds {
  readonly median: number;
  readonly runs: readonly number[];
}

/** Names of the measured cases, in the order in which they run. */
export const resultNames = [
  "op-overhead",
  "matmul-1024",
  "memory-update",
  "first-step",
  "train-step",
  "generate",
  "safetensors-read",
  "fit",
  "memory-soak",
  "memory-course",
  "memory-recall",
] as const;

/** Instruction set of the matrix products: all that the machine has, or AVX2 by `ONEDNN_MAX_CPU_ISA=AVX2`. */
export type Isa = "native" | "avx2";

/** One measured case. */
export interface BenchmarkResult {
  readonly name: (typeof resultNames)[number];
  readonly model?: string;
  /** Name of the sizes: those of `shape`, or in benchmarks/sizes.json. */
  readonly size?: string;
  readonly shape?: Readonly<Record<string, number>>;
  /** Whether a training step ran operation by operation or as one graph. */
  readonly mode?: "eager" | "compiled";
  /** Whether a GPT-2 had a long-term memory. */
  readonly memory?: "on" | "off";
  /** Sequences that were continued at once. */
  readonly sequences?: number;
  readonly isa: Isa;
  readonly backend: string;
  /** What `peerSeconds` timed, in turn with `seconds`. */
  readonly peer: string | null;
  /** In what the peer differs from ours, where it does more or less than the same work. */
  readonly peerNote?: string;
  readonly seconds: Seconds;
  readonly peerSeconds?: Seconds;
  /** Peer time over ours: the median of the ratios of each round. */
  readonly ratio?: number;
  /** Rounds left out because the peer took over 1.5 times its own median. */
  readonly dropped?: number;
  readonly gigaflopsPerSecond?: number;
  /** `gigaflopsPerSecond` over the best rate of square matrix products, measured in the same rounds. */
  readonly shareOfPeak?: number;
  readonly peakGigaflopsPerSecond?: number;
  readonly tokensPerSecond?: number;
  readonly peerTokensPerSecond?: number;
  readonly parameters?: number;
  readonly peerParameters?: number;
  /** What was watched over a long run, at even distances. */
  readonly course?: readonly Readonly<Record<string, number>>[];
  readonly peakRssBytes: number;
  readonly peerPeakRssBytes?: number;
}

/** The document of `pnpm bench --json`. */
export interface BenchmarkReport {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
  readonly seed: number;
  readonly date: string;
  readonly results: readonly BenchmarkResult[];
}

/** What decides how the cases of this process run. */
export interface Settings {
  /** The backend to measure. */
  readonly backend: string;
  readonly rounds: number;
  readonly seed: number;
}

/** Fields that every result of this process shares. */
export function shared(backend: string): Pick<BenchmarkResult, "isa" | "backend" | "peakRssBytes"> {
  const isa = process.env["ONEDNN_MAX_CPU_ISA"] === "AVX2" ? "avx2" : "native";
  return { isa, backend, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}
