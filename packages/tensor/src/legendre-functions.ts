import * as tf from "@tensorflow/tfjs-core";

/** The n-th function at all positions, each in the positions' shape; alive only while it is visited. */
export interface LegendreFunction {
  readonly value: tf.Tensor;
  /** ψ′ */
  readonly slope: tf.Tensor;
  /** ψ″ */
  readonly bend: tf.Tensor;
}

/**
 * Shifted Legendre polynomials `√(2n + 1) P_n(2t − 1)` of degree 0 to
 * `count − 1` at tensors of positions in [0, 1], with two derivatives, in
 * float32: recurrences in the distance y from the nearer end, `(n + 1)
 * (P_{n+1} − P_n) = n (P_n − P_{n−1}) − (2n + 1) y P_n`, lose no digits at either.
 *
 * @param position t. @param rest `1 − t`, by itself, since a difference would round.
 * @param visit called in the order of degrees; what it returns is kept.
 * @param derivatives whether slope and bend are computed; else they are zeros.
 * @returns what `visit` returned, owned by the caller.
 */
export function legendreFunctions<T extends tf.Tensor>(
  position: tf.Tensor,
  rest: tf.Tensor,
  count: number,
  visit: (functions: LegendreFunction, degree: number) => T,
  derivatives = false,
): T[] {
  return tf.tidy(() => {
    const y = tf.mul(tf.minimum(position, rest), 2);
    const side = tf.sub(tf.mul(tf.cast(tf.lessEqual(rest, position), "float32"), 2), 1); // −1 in the first half
    const zero = tf.zerosLike(y);
    let [p, step]: tf.Tensor[] = [tf.onesLike(y), zero];
    let [slopes, bends] = [
      [zero, zero],
      [zero, zero],
    ] as [Pair, Pair]; // of n − 1 and n
    const found: T[] = [];
    for (let n = 0; n < count; n++) {
      const size = Math.sqrt(2 * n + 1);
      const odd = n % 2 === 1;
      const scaled = (x: tf.Tensor, by: number, turned: boolean): tf.Tensor =>
        turned ? tf.mul(tf.mul(x, by), side) : tf.mul(x, by);
      const at = {
        value: scaled(p as tf.Tensor, size, odd),
        slope: derivatives ? scaled(slopes[1], 2 * size, !odd) : zero,
        bend: derivatives ? scaled(bends[1], 4 * size, odd) : zero,
      };
      found.push(visit(at, n));
      if (derivatives) {
        bends = [bends[1], tf.add(bends[0], tf.mul(slopes[1], 2 * n + 1))];
        slopes = [slopes[1], tf.add(slopes[0], tf.mul(p as tf.Tensor, 2 * n + 1))];
      }
      const fall = tf.mul(tf.mul(y, p as tf.Tensor), (2 * n + 1) / (n + 1));
      step = tf.sub(tf.mul(step as tf.Tensor, n / (n + 1)), fall);
      p = tf.add(p as tf.Tensor, step);
    }
    return found;
  });
}

type Pair = readonly [tf.Tensor, tf.Tensor];
