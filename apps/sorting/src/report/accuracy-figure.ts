import * as Plot from "@observablehq/plot";
import type { CellResult } from "../results/cell-result.js";
import { apart } from "./apart.js";
import { pageColours } from "./palette.js";
import { plotSvg } from "./plot-svg.js";
import { lengthsOf, meanOf, type Series } from "./series.js";

/** A dashed line of the figure: what needs no training. */
interface OracleLine {
  readonly label: string;
  readonly colour: string;
  readonly dashes: string;
  readonly points: readonly { readonly length: number; readonly accuracy: number }[];
}

/**
 * Accuracy against length: a line a series through the mean of its seeds, with
 * the spread from the worst to the best seed, and the oracles dashed.
 */
export function accuracyFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  const lengths = lengthsOf(cells);
  const lines = oracleLines(cells, series);
  const height = 420;
  const points = series.flatMap(({ colour, points: all }) =>
    all.map((point) => ({ ...point, colour: colour.light })),
  );
  const single = points.flatMap(({ cells: own, ...point }) =>
    own.map(({ accuracy }) => ({ ...point, accuracy })),
  );
  const labels = [
    ...series.map(({ label, colour, points: all }) => ({
      text: label,
      at: all.at(-1)?.mean ?? 0,
      fill: colour.light,
      strong: true,
    })),
    ...lines.map(({ label, colour, points: all }) => ({
      text: label,
      at: all.at(-1)?.accuracy ?? 0,
      fill: colour,
      strong: false,
    })),
  ];
  const placed = apart(
    labels.map(({ at }) => at),
    0.042,
    { least: 0, most: 1 },
  );
  const last = lengths.at(-1);
  const texts = labels.map((label, index) => ({ ...label, x: last, y: placed[index] as number }));
  return plotSvg("Share of right answers against the length of the sequence", {
    width: 860,
    height,
    marginLeft: 48,
    marginTop: 28,
    marginRight: 330,
    marginBottom: 44,
    x: { type: "point", domain: lengths, label: "symbols to be sorted", labelArrow: "none", padding: 0.15 },
    y: { domain: [0, 1], label: "share of right answers", labelArrow: "none", grid: true, ticks: 10 },
    marks: [
      lines.map(({ points: all, colour, dashes }) =>
        Plot.line(all, {
          x: "length",
          y: "accuracy",
          stroke: colour,
          strokeWidth: 1.25,
          strokeDasharray: dashes,
        }),
      ),
      Plot.ruleX(points, {
        x: "length",
        y1: "least",
        y2: "most",
        stroke: (point: { colour: string }) => point.colour,
        strokeWidth: 5,
        strokeOpacity: 0.3,
      }),
      series.map(({ points: all, colour }) =>
        Plot.line(all, { x: "length", y: "mean", stroke: colour.light, strokeWidth: 2.25 }),
      ),
      Plot.dot(single, {
        x: "length",
        y: "accuracy",
        r: 2.5,
        fill: (point: { colour: string }) => point.colour,
      }),
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

/** Chance, counting everything, and counting what each model's attention reaches by itself. */
function oracleLines(cells: readonly CellResult[], series: readonly Series[]): OracleLine[] {
  const lengths = lengthsOf(cells);
  const along = (of: (cell: CellResult) => number, among: readonly CellResult[] = cells) =>
    lengths.flatMap((length) => {
      const there = among.filter((cell) => cell.length === length);
      return there.length === 0 ? [] : [{ length, accuracy: meanOf(there.map(of)) }];
    });
  const quiet = pageColours.quiet.light;
  const general: OracleLine[] = [
    { label: "chance", colour: quiet, dashes: "1 4", points: along(({ baselines }) => baselines.chance) },
    {
      label: "chance among unused symbols",
      colour: quiet,
      dashes: "1 4",
      points: along(({ baselines }) => baselines.unused),
    },
    {
      label: "counting all, ties at random",
      colour: quiet,
      dashes: "6 4",
      points: along(({ baselines }) => baselines.countingAll),
    },
    {
      label: "counting all, ties by first occurrence",
      colour: quiet,
      dashes: "6 4",
      points: lengths.map((length) => ({ length, accuracy: 1 })),
    },
  ];
  const seen = new Set<string>();
  const visible = series.flatMap(({ points, colour, model }): OracleLine[] => {
    const own = points.flatMap((point) => point.cells);
    const line = along(({ baselines }) => baselines.countingVisible, own);
    const key = JSON.stringify(line);
    if (seen.has(key)) return []; // two models of one window
    seen.add(key);
    const whose = model.startsWith("infinite-former")
      ? "counting the ∞-former's short-term memory"
      : `counting ${model === "compressive" ? "the Compressive's" : "the Transformer-XL's"} window`;
    return [{ label: whose, colour: colour.light, dashes: "3 4", points: line }];
  });
  return [...general, ...visible];
}
