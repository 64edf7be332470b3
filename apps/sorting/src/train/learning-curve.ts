import type { CurvePoint } from "../results/cell-result.js";

/** A learning curve under way: its points, and sums over the updates since the last one. JSON, saved with a checkpoint. */
export interface LearningCurve {
  readonly points: readonly CurvePoint[];
  readonly steps: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** No updates yet. */
export const emptyCurve: LearningCurve = Object.freeze({ points: [], steps: 0, loss: 0, accuracy: 0 });

/** The curve with one more update; `complete` makes a point of the updates since the last. */
export function addUpdate(
  curve: LearningCurve,
  update: { readonly step: number; readonly loss: number; readonly accuracy: number },
  complete: boolean,
): LearningCurve {
  const steps = curve.steps + 1;
  const loss = curve.loss + update.loss;
  const accuracy = curve.accuracy + update.accuracy;
  if (!complete) return { ...curve, steps, loss, accuracy };
  const point = { step: update.step, loss: loss / steps, accuracy: accuracy / steps };
  return { ...emptyCurve, points: [...curve.points, point] };
}
