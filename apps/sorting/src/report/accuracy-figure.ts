import type { CellResult } from "../results/cell-result.js";
import { lineFigure, type OracleLine } from "./line-figure.js";
import { pageColours } from "./palette.js";
import { lengthsOf, meanOf, type Series } from "./series.js";

/**
 * Accuracy against length: a line a series through the mean of its seeds, with
 * the spread from the worst to the best seed, and the oracles dashed.
 */
export function accuracyFigure(cells: readonly CellResult[], series: readonly Series[]): string {
  return lineFigure({
    title: "Share of right answers against the length of the sequence",
    xLabel: "symbols to be sorted",
    yLabel: "share of right answers",
    xs: lengthsOf(cells),
    lines: series.map(({ label, colour, points }) => ({
      label,
      colour: colour.light,
      points: points.map(({ length, cells: own, mean, least, most }) => ({
        x: length,
        each: own.map(({ accuracy }) => accuracy),
        mean,
        least,
        most,
      })),
    })),
    oracles: oracleLines(cells, series),
    labelRoom: 330,
  });
}

/** Chance, counting everything, and counting what each model's attention reaches by itself. */
function oracleLines(cells: readonly CellResult[], series: readonly Series[]): OracleLine[] {
  const lengths = lengthsOf(cells);
  const along = (of: (cell: CellResult) => number, among: readonly CellResult[] = cells) =>
    lengths.flatMap((length) => {
      const there = among.filter((cell) => cell.length === length);
      return there.length === 0 ? [] : [{ x: length, y: meanOf(there.map(of)) }];
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
      points: lengths.map((length) => ({ x: length, y: 1 })),
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
