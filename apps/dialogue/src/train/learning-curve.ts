/** One point of a learning curve: the mean over the updates since the one before. */
export interface CurvePoint {
  readonly step: number;
  /** Cross entropy of the responses, nats a token. */
  readonly loss: number;
}

/** A learning curve with the updates of its unfinished point. JSON. */
export interface LearningCurve {
  readonly points: readonly CurvePoint[];
  readonly open: { readonly sum: number; readonly count: number };
}

/** Before the first update. */
export const emptyCurve: LearningCurve = { points: [], open: { sum: 0, count: 0 } };

/** The curve with one more update. @param complete whether a point ends with it. */
export function addUpdate(
  { points, open }: LearningCurve,
  point: CurvePoint,
  complete: boolean,
): LearningCurve {
  const sum = open.sum + point.loss;
  const count = open.count + 1;
  if (!complete) return { points, open: { sum, count } };
  return { points: [...points, { step: point.step, loss: sum / count }], open: emptyCurve.open };
}
