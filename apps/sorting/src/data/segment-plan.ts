import { segmentStarts } from "@infinite-former/datasets";

/** How the inputs of one sequence are cut, and from where on gradients are taken. */
export interface SegmentPlan {
  /** Where each segment ends; the last one may be shorter than the others. */
  readonly ends: readonly number[];
  /** How many of the first segments are read without gradient. */
  readonly prefix: number;
}

/** What decides the cut. */
export interface SegmentPlanOptions {
  /** Symbols before the separator. */
  readonly length: number;
  /** Answers after it. */
  readonly answers: number;
  readonly segmentLength: number;
  /** Segments with gradient, at least: the last one alone in the authors' code. */
  readonly gradientSegments: number;
  /** Whether one of the segments with gradient must be whole, because the model's own penalty arises at a segment's end. */
  readonly wholeSegment: boolean;
}

/**
 * Cuts a sequence of `length + answers` inputs into segments from its start, as
 * a model at work would read it. Segments with gradient are the last
 * `gradientSegments`, and every segment with an answer: where the answers
 * straddle a border, or the last segment holds only some of them, all are
 * trained and scored.
 *
 * @example
 * segmentPlan({ length: 70, answers: 20, segmentLength: 40, gradientSegments: 1, wholeSegment: false });
 * // { ends: [40, 80, 90], prefix: 1 }: the answers stand at 70 to 89
 */
export function segmentPlan(options: SegmentPlanOptions): SegmentPlan {
  const { length, answers, segmentLength, gradientSegments, wholeSegment } = options;
  const total = length + answers;
  const ends = segmentStarts(total, segmentLength).map((start) => Math.min(start + segmentLength, total));
  const firstWithAnswers = Math.floor(length / segmentLength);
  const lastWhole = Math.floor(total / segmentLength) - 1;
  const prefix = Math.min(
    firstWithAnswers,
    ends.length - gradientSegments,
    wholeSegment ? lastWhole : ends.length,
  );
  return { ends, prefix: Math.max(0, prefix) };
}
