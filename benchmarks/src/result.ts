/** Times of one thing over the rounds of a run. */
export interface Seconds {
  readonly median: number;
  readonly runs: readonly number[];
}

/** One measured case. */
export interface BenchmarkResult {
  readonly name:
    | "train-step"
    | "generate"
    | "memory-update"
    | "first-step"
    | "matmul-1024"
    | "op-overhead"
    | "fit"
    | "memory-soak";
  readonly model?: string;
  /** Name of the sizes in `shape`. */
  readonly size?: string;
  readonly shape?: Readonly<Record<string, number>>;
  /** Whether a training step ran operation by operation or as one graph. */
  readonly mode?: "eager" | "compiled";
  readonly isa: "native" | "avx2";
  readonly backend: string;
  /** What `peerSeconds` timed, in turn with `seconds`. */
  readonly peer: string | null;
  readonly seconds: Seconds;
  readonly peerSeconds?: Seconds;
  /** Peer time over ours: the median of the ratios of each round. */
  readonly ratio?: number;
  readonly gigaflopsPerSecond?: number;
  readonly tokensPerSecond?: number;
  /** What was watched over a long run, at even distances. */
  readonly course?: readonly Readonly<Record<string, number>>[];
  readonly peakRssBytes: number;
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

/** What decides how the cases run. */
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
