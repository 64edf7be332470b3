import { ShapeError } from "@infinite-former/tensor";

/**
 * Checks that tokens fit a state and stay within one segment.
 *
 * @param fn in whose name the messages speak.
 * @param shape of the tokens, `[batch, count]`.
 * @param state rows of its batch, and tokens of the unfinished segment.
 * @throws {ShapeError} `ERR_SHAPE` if the batch differs, or count is not 1 to what is left of the segment.
 */
export function checkPiece(
  fn: string,
  [batch, count]: readonly [number, number],
  state: { readonly batch: number; readonly current: number },
  segmentLength: number,
): void {
  if (batch !== state.batch) {
    throw new ShapeError(`${fn}: tokens must have ${state.batch} rows as the state has, got ${batch}`);
  }
  if (count < 1 || state.current + count > segmentLength) {
    throw new ShapeError(
      `${fn}: tokens must be 1 to ${segmentLength - state.current} a row (segments of ${segmentLength}, ${state.current} read), got ${count}; use \`read\` for longer texts`,
    );
  }
}
