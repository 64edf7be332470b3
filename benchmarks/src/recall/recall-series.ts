import {
  type Colour,
  type MeasuredPoint,
  meanOf,
  modelLabels,
  seriesColour,
  variantColours,
} from "@infinite-former/sorting";
import type { RecallModelName } from "./model-names.js";
import type { RecallCell } from "./recall-cell.js";
import type { RecallScore } from "./score-recall.js";

/** A model's cells, for a line of the figure and a row of the tables. */
export interface RecallSeries {
  readonly model: RecallModelName;
  readonly label: string;
  readonly colour: Colour;
  /** One a seed. */
  readonly cells: readonly RecallCell[];
}

/** A model as a reader knows it. */
function labelOf(model: RecallModelName): string {
  return model === "none" ? "no memory" : modelLabels[model];
}

function colourOf(model: RecallModelName): Colour {
  return model === "none" ? (variantColours[4] as Colour) : seriesColour(model, null, 0);
}

/** The models and variants that have cells, in their order. */
export function recallSeries(cells: readonly RecallCell[]): RecallSeries[] {
  const groups = new Map<string, RecallCell[]>();
  for (const cell of cells) {
    const key = `${cell.model} ${cell.variant ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map((group, index) => {
    const { model, variant } = group[0] as RecallCell;
    const label = variant === undefined ? labelOf(model) : `${labelOf(model)}, ${variant}`;
    const colour = variant === undefined ? colourOf(model) : seriesColour("transformer-xl", variant, index);
    return { model, label, colour, cells: group };
  });
}

/** A figure of every distance: each seed's, mean and extremes. */
export function along(cells: readonly RecallCell[], figure: (score: RecallScore) => number): MeasuredPoint[] {
  const distances = (cells[0] as RecallCell).scores.map(({ distance }) => distance);
  return distances.map((distance, index) => {
    const each = cells.map(({ scores }) => figure(scores[index] as RecallScore));
    return { x: distance, each, mean: meanOf(each), least: Math.min(...each), most: Math.max(...each) };
  });
}
