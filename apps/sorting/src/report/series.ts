import type { ModelName } from "../models/names.js";
import type { CellResult } from "../results/cell-result.js";
import { compareCells } from "../results/results-folder.js";
import { type Colour, seriesColour } from "./palette.js";

/** The cells of one model and variant at one length: one a seed. */
export interface SeriesPoint {
  readonly length: number;
  readonly cells: readonly CellResult[];
  /** Over the seeds. */
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** What one line of the figure shows: a model, or a variant of one. */
export interface Series {
  readonly label: string;
  readonly model: ModelName;
  readonly variant: string | null;
  readonly colour: Colour;
  /** Ascending in length. */
  readonly points: readonly SeriesPoint[];
}

/** Names of the models as a reader knows them. */
export const modelLabels: Readonly<Record<ModelName, string>> = {
  "transformer-xl": "Transformer-XL",
  compressive: "Compressive",
  "infinite-former": "∞-former",
  "infinite-former-sticky": "∞-former, sticky",
};

/** Cells in the order of tables and figures, one series for each model and variant. */
export function seriesOf(cells: readonly CellResult[]): Series[] {
  const groups = new Map<string, CellResult[]>();
  for (const cell of [...cells].sort(compareCells)) {
    const key = `${cell.model} ${cell.variant ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map((group, index) => {
    const { model, variant = null } = group[0] as CellResult;
    return {
      label: variant === null ? modelLabels[model] : `${modelLabels[model]} (${variant})`,
      model,
      variant,
      colour: seriesColour(model, variant, index),
      points: lengthsOf(group).map((length) => point(length, group)),
    };
  });
}

/** Every length of some cells, ascending. */
export function lengthsOf(cells: readonly CellResult[]): number[] {
  return [...new Set(cells.map(({ length }) => length))].sort((a, b) => a - b);
}

function point(length: number, group: readonly CellResult[]): SeriesPoint {
  const cells = group.filter((cell) => cell.length === length);
  const shares = cells.map(({ accuracy }) => accuracy);
  return { length, cells, mean: meanOf(shares), least: Math.min(...shares), most: Math.max(...shares) };
}

/** Mean of some numbers, at least one. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
