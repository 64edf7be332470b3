import type { Basis, GaussianBasis, LocationScaleFamily } from "@infinite-former/signal";
import { batchMatMul, hasKernel, withGradient } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type BasisGrid, basisGrid } from "./basis-grid.js";
import { expectedBasis } from "./expected-basis.js";
import { gaussianReadOut } from "./gaussian-read-out.js";
import { parabolaReadOut } from "./parabola-read-out.js";

const fused = "InfiniteFormerReadOut";

/**
 * Expected values `Σ_j E_p[ψ_j] value_j` of the signal of each head under its
 * queries' densities, in the layout that projections have.
 *
 * Gaussian densities on native TensorFlow's processor backend: one kernel each
 * way, a few queries and one width at a time, with the expected basis in the
 * caches. Elsewhere matrix products width by width; other bases than Gaussian
 * functions, and biweights, by the array of expected values.
 *
 * @param mean `[batch, heads, queries]`, μ.
 * @param variance `[batch, heads, queries]`, σ².
 * @param values `[batch, basis, heads, size]`; function `center · widths + width`.
 * @returns `[batch, queries, heads, size]`, owned by the caller. Differentiable in all three.
 */
export function readOut(
  family: LocationScaleFamily,
  mean: tf.Tensor3D,
  variance: tf.Tensor3D,
  values: tf.Tensor4D,
  basis: Basis,
): tf.Tensor4D {
  return tf.tidy(() => {
    if (basis.kind !== "gaussian" || family === "biweight") {
      const perHead = tf.transpose(values, [0, 2, 1, 3]); // [batch, heads, basis, size]
      const read = batchMatMul(expectedBasis(mean, variance, basis, family), perHead);
      return tf.transpose(read, [0, 2, 1, 3]) as tf.Tensor4D;
    }
    const grid = basisGrid(basis, widthCount(basis));
    if (family === "gaussian" && hasKernel(fused)) return native(mean, variance, values, grid);
    return composed(family, mean, variance, values, grid);
  });
}

/** How many functions lie at one centre. */
function widthCount({ centers, count }: GaussianBasis): number {
  const next = centers.findIndex((center) => center !== centers[0]);
  return next < 0 ? count : next;
}

function native(mean: tf.Tensor3D, variance: tf.Tensor3D, values: tf.Tensor4D, grid: BasisGrid): tf.Tensor4D {
  const [centers, widths] = [tf.tensor1d([...grid.centers]), tf.tensor1d([...grid.widths])];
  return withGradient<tf.Tensor4D>([mean, variance, values], (save) => {
    const given = { mean, variance, values, centers, widths };
    const [value] = tf.engine().runKernel(fused, given) as unknown as [tf.Tensor4D];
    save([mean, variance, values, centers, widths]);
    return {
      value,
      gradient: (cotangent, saved) => {
        const [mean, variance, values, centers, widths] = saved as FiveTensors;
        const kept = { mean, variance, values, centers, widths, cotangent };
        return tf.engine().runKernel(`${fused}Grad`, kept) as tf.Tensor[];
      },
    };
  });
}

type FiveTensors = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

function composed(
  family: LocationScaleFamily,
  mean: tf.Tensor3D,
  variance: tf.Tensor3D,
  values: tf.Tensor4D,
  grid: BasisGrid,
): tf.Tensor4D {
  const [batch, , heads, size] = values.shape;
  const queries = mean.shape[2];
  const [centers, widths] = [grid.centers.length, grid.widths.length];
  const split = tf.transpose(tf.reshape(values, [batch, centers, widths, heads, size]), [2, 0, 3, 1, 4]);
  const byWidth = tf.unstack(tf.reshape(split, [widths, batch * heads, centers, size])) as tf.Tensor3D[];
  const flat = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [batch * heads, queries, 1]);
  const by = family === "gaussian" ? gaussianReadOut : parabolaReadOut;
  const read = by(flat(mean), flat(variance), byWidth, grid);
  return tf.transpose(tf.reshape(read, [batch, heads, queries, size]), [0, 2, 1, 3]);
}
