import type { Seconds } from "./result.js";

/** Does its work once and says how long one unit of it took, in seconds. */
export type Contender = () => Promise<number> | number;

/** The middle of `values`, the mean of the two middle ones where their count is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Times with their median. */
export function seconds(runs: readonly number[]): Seconds {
  return { median: median(runs), runs };
}

/** The median over rounds of peer time divided by ours. */
export function medianRatio(ours: readonly number[], peers: readonly number[]): number {
  return median(ours.map((time, round) => (peers[round] ?? Number.NaN) / time));
}

/**
 * Times every contender once a round, in turn (A B A B …), so that a slow spell
 * of the machine hits all alike. One round before the first is not counted.
 *
 * @returns for each contender its time in every round
 */
export async function inTurn(contenders: readonly Contender[], rounds: number): Promise<number[][]> {
  const times: number[][] = contenders.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const time = await contender();
      if (round >= 0) times[index]?.push(time);
    }
  }
  return times;
}

/** Wall time of `work` in seconds, divided by `units`. */
export function timed(work: () => void, units = 1): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000 / units;
}

/** What a peer takes beyond its own median before its round counts as disturbed. */
const disturbed = 1.5;

/** Times of ours and of a peer in the rounds that count. */
export interface KeptRounds {
  readonly ours: Seconds;
  readonly peer: Seconds;
  readonly ratio: number;
  readonly dropped: number;
}

/**
 * Leaves out the rounds in which the peer took over 1.5 times its own median:
 * something else had the machine, and a ratio would flatter us.
 *
 * @param ours seconds of each round. @param peer as many.
 */
export function keptRounds(ours: readonly number[], peer: readonly number[]): KeptRounds {
  const limit = disturbed * median(peer);
  const kept = peer.map((_, round) => round).filter((round) => (peer[round] as number) <= limit);
  const own = kept.map((round) => ours[round] as number);
  const other = kept.map((round) => peer[round] as number);
  return {
    ours: seconds(own),
    peer: seconds(other),
    ratio: medianRatio(own, other),
    dropped: peer.length - kept.length,
  };
}
