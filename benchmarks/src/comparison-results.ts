import type { Timed } from "./compare.js";
import type { Comparison } from "./comparisons.js";
import type { BenchmarkResult, Isa } from "./result.js";
import { keptRounds, seconds } from "./rounds.js";
import { sizes } from "./sizes.js";
import { stepFlops } from "./step-flops.js";

type Row = Omit<BenchmarkResult, "peer" | "seconds" | "name">;

/**
 * The results of one comparison: the first step, then a row against each peer,
 * or one alone where there is no peer.
 *
 * @param timed of `compare`: ours, peers, and perhaps who measured matrix products.
 */
export function comparisonResults(
  comparison: Comparison,
  timed: readonly Timed[],
  isa: Isa,
): BenchmarkResult[] {
  const [own, ...rest] = timed;
  if (own === undefined) return [];
  const { name, model, size, memory, sequences, backend } = comparison;
  const mode = own.contender.options["mode"] === "eager" || backend !== "tensorflow" ? "eager" : "compiled";
  const row: Row = {
    model,
    size,
    ...(memory === undefined ? {} : { memory }),
    ...(sequences === undefined ? {} : { sequences }),
    mode,
    isa,
    backend,
    ...(own.ready.parameters > 0 ? { parameters: own.ready.parameters } : {}),
    peakRssBytes: own.last?.peakRssBytes ?? own.ready.peakRssBytes ?? 0,
  };
  const first: BenchmarkResult = {
    name: "first-step",
    ...row,
    peer: null,
    seconds: seconds([own.ready.firstStepSeconds]),
    peakRssBytes: own.ready.peakRssBytes ?? row.peakRssBytes,
  };
  const firsts = name === "train-step" ? [first] : [];
  if (own.seconds.length === 0) return firsts;
  const peak = Math.max(0, ...rest.map((one) => one.bestGigaflopsPerSecond));
  const peers = rest.filter((one) => one.bestGigaflopsPerSecond === 0);
  if (peers.length === 0) {
    const ours = seconds(own.seconds);
    return [...firsts, { name, ...row, peer: null, seconds: ours, ...rates(comparison, ours.median, peak) }];
  }
  return [...firsts, ...peers.map((peer) => against(comparison, row, own, peer, peak))];
}

function against(comparison: Comparison, row: Row, own: Timed, peer: Timed, peak: number): BenchmarkResult {
  const { ours, peer: theirs, ratio, dropped } = keptRounds(own.seconds, peer.seconds);
  const { note, tokens = comparison.tokens } =
    comparison.peers.find(({ label }) => label === peer.contender.label) ?? {};
  return {
    name: comparison.name,
    ...row,
    peer: peer.contender.label,
    ...(note === undefined ? {} : { peerNote: note }),
    seconds: ours,
    peerSeconds: theirs,
    ratio,
    dropped,
    ...rates(comparison, ours.median, peak),
    ...(tokens === undefined ? {} : { peerTokensPerSecond: tokens / theirs.median }),
    ...(peer.ready.parameters > 0 ? { peerParameters: peer.ready.parameters } : {}),
    peerPeakRssBytes: peer.last?.peakRssBytes ?? 0,
  };
}

/** What the time of one unit means in tokens, and in floating-point operations where they are counted. */
function rates(
  { name, model, size, tokens }: Comparison,
  unit: number,
  peak: number,
): Pick<
  BenchmarkResult,
  "tokensPerSecond" | "gigaflopsPerSecond" | "shareOfPeak" | "peakGigaflopsPerSecond"
> {
  const perToken = tokens === undefined ? {} : { tokensPerSecond: tokens / unit };
  const shape = sizes.sorting[size];
  if (name !== "train-step" || shape === undefined) return perToken;
  if (model !== "infinite-former" && model !== "transformer-xl") return perToken;
  const gigaflopsPerSecond = stepFlops(model, shape) / unit / 1e9;
  if (peak === 0) return { ...perToken, gigaflopsPerSecond };
  return {
    ...perToken,
    gigaflopsPerSecond,
    shareOfPeak: gigaflopsPerSecond / peak,
    peakGigaflopsPerSecond: peak,
  };
}
