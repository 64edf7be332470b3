import * as Plot from "@observablehq/plot";
import { apart } from "./apart.js";
import { plotSvg } from "./plot-svg.js";

/** What was measured at one place of the x axis, several times. */
export interface MeasuredPoint {
  readonly x: number;
  readonly each: readonly number[];
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** A line through means, with the spread from the least to the most, and each figure as a dot. */
export interface MeasuredLine {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly MeasuredPoint[];
}

/** A dashed line: what needs no training. */
export interface OracleLine {
  readonly label: string;
  readonly colour: string;
  readonly dashes: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Shares against something that is measured at a few places. */
export interface LineFigure {
  /** What it shows, for readers who cannot see it. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Places of the x axis, ascending, at equal distances from each other. */
  readonly xs: readonly number[];
  readonly lines: readonly MeasuredLine[];
  readonly oracles: readonly OracleLine[];
  /** Room for the labels at the lines' ends. */
  readonly labelRoom: number;
}

/** A figure of shares as an SVG: the same bytes from the same figures. */
export function lineFigure({ title, xLabel, yLabel, xs, lines, oracles, labelRoom }: LineFigure): string {
  const points = lines.flatMap(({ colour, points: all }) => all.map((point) => ({ ...point, colour })));
  const single = points.flatMap(({ each, ...point }) => each.map((y) => ({ ...point, y })));
  const labels = [
    ...lines.map(({ label, colour, points: all }) => ({
      text: label,
      at: all.at(-1)?.mean ?? 0,
      fill: colour,
      strong: true,
    })),
    ...oracles.map(({ label, colour, points: all }) => ({
      text: label,
      at: all.at(-1)?.y ?? 0,
      fill: colour,
      strong: false,
    })),
  ];
  const placed = apart(
    labels.map(({ at }) => at),
    0.042,
    { least: 0, most: 1 },
  );
  const last = xs.at(-1);
  const texts = labels.map((label, index) => ({ ...label, x: last, y: placed[index] as number }));
  return plotSvg(title, {
    width: 860,
    height: 420,
    marginLeft: 48,
    marginTop: 28,
    marginRight: labelRoom,
    marginBottom: 44,
    x: { type: "point", domain: xs, label: xLabel, labelArrow: "none", padding: 0.15 },
    y: { domain: [0, 1], label: yLabel, labelArrow: "none", grid: true, ticks: 10 },
    marks: [
      oracles.map(({ points: all, colour, dashes }) =>
        Plot.line(all, { x: "x", y: "y", stroke: colour, strokeWidth: 1.25, strokeDasharray: dashes }),
      ),
      Plot.ruleX(points, {
        x: "x",
        y1: "least",
        y2: "most",
        stroke: (point: { colour: string }) => point.colour,
        strokeWidth: 5,
        strokeOpacity: 0.3,
      }),
      lines.map(({ points: all, colour }) =>
        Plot.line(all, { x: "x", y: "mean", stroke: colour, strokeWidth: 2.25 }),
      ),
      Plot.dot(single, { x: "x", y: "y", r: 2.5, fill: (point: { colour: string }) => point.colour }),
      [true, false].map((strong) =>
        Plot.text(
          texts.filter((text) => text.strong === strong),
          {
            x: "x",
            y: "y",
            text: "text",
            fill: (text: { fill: string }) => text.fill,
            textAnchor: "start",
            dx: 14,
            fontWeight: strong ? "bold" : "normal",
          },
        ),
      ),
    ],
  });
}
