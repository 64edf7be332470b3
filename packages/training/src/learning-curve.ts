/** One point of a learning curve: means over the updates since the one before. `M`: names of what is measured. */
export type CurvePoint<M extends string> = { readonly step: number } & { readonly [Name in M]: number };

/** A learning curve with the updates of its unfinished point. JSON, to be saved with a checkpoint. */
export interface LearningCurve<M extends string> {
  readonly points: readonly CurvePoint<M>[];
  /** Updates since the last point, and what was measured in them, summed. */
  readonly open: { readonly updates: number; readonly sums: { readonly [Name in M]?: number } };
}

/** Before the first update. */
export const emptyCurve: {
  readonly points: readonly never[];
  readonly open: { readonly updates: 0; readonly sums: Readonly<Record<never, number>> };
} = Object.freeze({ points: [], open: Object.freeze({ updates: 0, sums: {} }) });

/**
 * The curve with one more update.
 *
 * @param complete whether a point ends with it.
 */
export function addUpdate<M extends string>(
  { points, open }: LearningCurve<M>,
  { step, ...measured }: CurvePoint<M>,
  complete: boolean,
): LearningCurve<M> {
  const entries = Object.entries(measured) as [M, number][];
  const updates = open.updates + 1;
  const sums = Object.fromEntries(entries.map(([name, value]) => [name, (open.sums[name] ?? 0) + value]));
  if (!complete) return { points, open: { updates, sums } } as LearningCurve<M>;
  const means = Object.fromEntries(entries.map(([name]) => [name, (sums[name] as number) / updates]));
  return { points: [...points, { step, ...means } as CurvePoint<M>], open: emptyCurve.open };
}
