import * as Plot from "@observablehq/plot";
import type { CellResult } from "../results/cell-result.js";
import { plotSvg } from "./plot-svg.js";
import { lengthsOf, meanOf, type Series } from "./series.js";

/** What all figures with one panel a length share. */
const panels = { width: 860, height: 300, marginLeft: 48, marginBottom: 44, marginTop: 36 };
const panelAxis = { label: "symbols to be sorted", labelArrow: "none" } as const;
const shareAxis = {
  domain: [0, 1],
  label: "share of right answers",
  labelArrow: "none",
  grid: true,
} as const;

type Coloured = { readonly colour: string };
const colourOf = ({ colour }: Coloured): string => colour;

/** Accuracy at each place of the answer, a panel a length: means over the seeds. */
export function positionFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  const points = series.flatMap(({ label, colour, points: all }) =>
    all.flatMap(({ length, cells: own }) =>
      (own[0]?.accuracyByPosition ?? []).map((_, index) => ({
        length,
        label,
        colour: colour.light,
        place: index + 1,
        accuracy: meanOf(own.map(({ accuracyByPosition }) => accuracyByPosition[index] ?? 0)),
      })),
    ),
  );
  return plotSvg("Share of right answers by place in the sorted list", {
    ...panels,
    fx: { ...panelAxis, domain: lengthsOf(cells) },
    x: { label: "place in the answer", labelArrow: "none", ticks: [1, 5, 10, 15, 20] },
    y: shareAxis,
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.line(points, {
        fx: "length",
        x: "place",
        y: "accuracy",
        z: "label",
        stroke: colourOf,
        strokeWidth: 1.75,
      }),
    ],
  });
}

/** Accuracy on fresh training sequences against updates, a panel a length: a line a seed. */
export function curveFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  const points = series.flatMap(({ label, colour, points: all }) =>
    all.flatMap(({ length, cells: own }) =>
      own.flatMap(({ seed, curve }) =>
        curve.map((point) => ({ ...point, length, run: `${label} ${seed}`, colour: colour.light })),
      ),
    ),
  );
  return plotSvg("Learning curves: share of right answers on fresh training sequences", {
    ...panels,
    fx: { ...panelAxis, domain: lengthsOf(cells) },
    x: { label: "updates", labelArrow: "none", ticks: 4, nice: true },
    y: shareAxis,
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.line(points, {
        fx: "length",
        x: "step",
        y: "accuracy",
        z: "run",
        stroke: colourOf,
        strokeWidth: 1.25,
      }),
    ],
  });
}

/** A figure of bars: what a model takes, a panel a length, a bar a series. */
function costFigure(
  cells: readonly CellResult[],
  series: readonly Series[],
  title: string,
  axis: string,
  cost: (cell: CellResult) => number,
): string {
  const bars = series.flatMap(({ label, colour, points }) =>
    points.map(({ length, cells: own }) => ({
      length,
      label,
      colour: colour.light,
      cost: meanOf(own.map(cost)),
    })),
  );
  return plotSvg(title, {
    ...panels,
    height: 240,
    fx: { ...panelAxis, domain: lengthsOf(cells) },
    x: { domain: series.map(({ label }) => label), axis: null },
    y: { label: axis, labelArrow: "none", grid: true },
    marks: [
      Plot.barY(bars, { fx: "length", x: "label", y: "cost", fill: colourOf, insetLeft: 1, insetRight: 1 }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
}

/** Seconds an update takes: means over the seeds. */
export function timeFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  const title = "Seconds an update takes";
  return costFigure(cells, series, title, "seconds an update", ({ secondsPerStep }) => secondsPerStep);
}

/** Largest resident memory: means over the seeds. */
export function memoryFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  const title = "Largest resident memory of the process";
  return costFigure(cells, series, title, "MiB", ({ peakRssBytes }) => peakRssBytes / 2 ** 20);
}
