import type { MetricsLine } from "./metrics.js";

/**
 * The best of a run's checkpoints: the one at whose step the lowest validation
 * loss was measured. Of equal ones the earliest; of several measurements at a
 * step (on a part of the split, then on all of it) the last.
 *
 * @param lines of `metrics.jsonl`.
 * @param steps of the checkpoints there are.
 * @returns its step, or `null` where none of them was evaluated.
 */
export function bestCheckpoint(lines: readonly MetricsLine[], steps: readonly number[]): number | null {
  const losses = new Map<number, number>();
  for (const { split, step, loss } of lines) {
    if (split === "valid" && steps.includes(step)) losses.set(step, loss);
  }
  let best: number | null = null;
  for (const [step, loss] of [...losses].sort(([a], [b]) => a - b)) {
    if (best === null || loss < (losses.get(best) as number)) best = step;
  }
  return best;
}
