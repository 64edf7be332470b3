/** How far a plain way and ours are from float64. */
export interface Figure {
  /** What is computed. */
  readonly quantity: string;
  /** Where, in words. */
  readonly setting: string;
  /** Error of the plain way in float32, relative to the largest value. */
  readonly plain: number;
  /** Error of what the packages compute. */
  readonly ours: number;
}

/** The largest difference, relative to the largest of the values wanted. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const value = want[i] as number;
    difference = Math.max(difference, Math.abs((got[i] as number) - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}
