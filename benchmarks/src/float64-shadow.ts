import { type MemoryConfig, updateFits } from "@infinite-former/memory";

/** One column of a memory's coefficients, carried along in float64 beside the tensors. */
export class Float64Shadow {
  readonly #stride: number;
  readonly #carry: Float64Array;
  readonly #first: readonly Float64Array[];
  readonly #added: readonly Float64Array[];
  #coefficients: Float64Array | null = null;

  /**
   * @param segments `[length, modelSize]` each: all that will be absorbed.
   * @param modelSize columns, of which the first is followed.
   */
  constructor(config: MemoryConfig, segments: readonly Float32Array[], modelSize: number) {
    const { carry, first, take } = updateFits(config, config.segmentLength);
    const columns = segments.map((data) => data.filter((_, i) => i % modelSize === 0));
    this.#stride = modelSize;
    this.#carry = carry.data;
    this.#first = columns.map((x) => times(first.data, x));
    this.#added = columns.map((x) => times(take.data, x));
  }

  /** Takes in one of the segments. */
  absorb(index: number): void {
    const before = this.#coefficients;
    if (before === null) {
      this.#coefficients = this.#first[index] as Float64Array;
      return;
    }
    const added = this.#added[index] as Float64Array;
    this.#coefficients = times(this.#carry, before).map((x, j) => x + (added[j] as number));
  }

  /**
   * The largest difference to the tensors' coefficients, relative to the largest coefficient.
   *
   * @param values `[basis, modelSize]`
   */
  difference(values: ArrayLike<number>): number {
    let [largest, difference] = [0, 0];
    this.#coefficients?.forEach((x, j) => {
      largest = Math.max(largest, Math.abs(x));
      difference = Math.max(difference, Math.abs(x - (values[j * this.#stride] as number)));
    });
    return difference / largest;
  }
}

/** A matrix, row by row, times a vector. */
function times(matrix: Float64Array, vector: ArrayLike<number>): Float64Array {
  const columns = vector.length;
  return Float64Array.from({ length: matrix.length / columns }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (matrix[i * columns + j] as number) * (vector[j] as number);
    return sum;
  });
}
