import {
  designMatrix,
  fitContracted,
  fitSegment,
  gaussianBasis,
  type Matrix,
  paddedContractedPositions,
  paddedSegmentPositions,
} from "@infinite-former/signal";
import { type Figure, relativeError } from "./figure.js";

const models = {
  sorting: { widths: [0.01, 0.05], length: 1024, contraction: 0.75 },
  language: { widths: [0.005, 0.01], length: 512, contraction: 0.5 },
};

/**
 * The fit matrices: `F·Fᵀ + λI`, its inverse and the product in float32, as the
 * authors do, against the float64 factorisation rounded to float32.
 */
export function fitFigures(): Figure[] {
  return Object.entries(models).flatMap(([name, { widths, ...grid }]) =>
    [1, 0.01].flatMap((ridge) => {
      const basis = gaussianBasis({ count: 512, widths });
      const size = { basis, length: grid.length, ridge };
      const both = { ...grid, sampleCount: 512 };
      const cases: [string, Matrix, Float64Array][] = [
        ["G", fitSegment(size), paddedSegmentPositions(grid.length)],
        ["G_inf", fitContracted({ ...size, ...both }), paddedContractedPositions(both)],
      ];
      return cases.map(([quantity, want, positions]) => ({
        quantity,
        setting: `${name} model, N = 512, λ = ${ridge}`,
        plain: relativeError(invertedFit(designMatrix(basis, positions), ridge, want.rows), want.data),
        ours: relativeError(Float32Array.from(want.data), want.data),
      }));
    }),
  );
}

/** The middle `kept` rows of `Fᵀ (F Fᵀ + λI)⁻¹`, every number a float32. */
function invertedFit(design: Matrix, ridge: number, kept: number): Float32Array {
  const { rows: count, columns } = design;
  const f = Float32Array.from(design.data);
  const gram = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * count + j] = dot(f, i * columns, f, j * columns, columns) + (i === j ? ridge : 0);
      gram[j * count + i] = gram[i * count + j] as number;
    }
  }
  const inverse = invert(gram, count);
  const cut = (columns - kept) / 2;
  const out = new Float32Array(kept * count);
  const column = new Float32Array(count);
  for (let p = 0; p < kept; p++) {
    for (let j = 0; j < count; j++) column[j] = f[j * columns + cut + p] as number;
    for (let j = 0; j < count; j++) out[p * count + j] = dot(column, 0, inverse, j * count, count);
  }
  return out;
}

function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) {
    sum = Math.fround(sum + Math.fround((a[aAt + k] as number) * (b[bAt + k] as number)));
  }
  return sum;
}

/** Gauss–Jordan with the largest pivot of each column, in float32. */
function invert(matrix: Float32Array, count: number): Float32Array {
  const width = 2 * count;
  const rows: Float32Array[] = Array.from({ length: count }, (_, i) => {
    const row = new Float32Array(width);
    row.set(matrix.subarray(i * count, (i + 1) * count));
    row[count + i] = 1;
    return row;
  });
  for (let k = 0; k < count; k++) {
    let best = k;
    for (let i = k; i < count; i++) {
      if (Math.abs(rows[i]?.[k] as number) > Math.abs(rows[best]?.[k] as number)) best = i;
    }
    [rows[k], rows[best]] = [rows[best] as Float32Array, rows[k] as Float32Array];
    const pivot = rows[k] as Float32Array;
    const scale = Math.fround(1 / (pivot[k] as number));
    for (let j = k; j < width; j++) pivot[j] = (pivot[j] as number) * scale;
    for (const row of rows) {
      const factor = row[k] as number;
      if (row === pivot || factor === 0) continue;
      for (let j = k; j < width; j++)
        row[j] = (row[j] as number) - Math.fround(factor * (pivot[j] as number));
    }
  }
  return Float32Array.from(rows.flatMap((row) => [...row.subarray(count)]));
}
