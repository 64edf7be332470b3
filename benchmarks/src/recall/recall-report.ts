import { join } from "node:path";
import { writeFileAtomically } from "@infinite-former/command-line";
import {
  commandsOf,
  lineFigure,
  type MeasuredPoint,
  machineText,
  markdownTable,
  meanOf,
  pageColours,
  versionText,
} from "@infinite-former/sorting";
import type { RecallCell } from "./recall-cell.js";
import { along, recallSeries } from "./recall-series.js";
import type { RecallScore } from "./score-recall.js";

/**
 * Writes `figure.svg` and `table.md` beside the cells: always the same bytes
 * from the same cells.
 *
 * @param cells at least one.
 */
export async function writeRecallReport(directory: string, cells: readonly RecallCell[]): Promise<void> {
  await writeFileAtomically(join(directory, "figure.svg"), recallFigure(cells));
  await writeFileAtomically(join(directory, "table.md"), recallTables(cells));
}

const chanceOf = (cells: readonly RecallCell[]): number => meanOf(cells.map(({ chance }) => chance));
const distancesOf = (cells: readonly RecallCell[]): number[] =>
  (cells[0] as RecallCell).scores.map(({ distance }) => distance);

/** Accuracy against distance, a line a model. */
export function recallFigure(cells: readonly RecallCell[]): string {
  const chance = chanceOf(cells);
  return lineFigure({
    title: "Share of facts told rightly, against how many segments back they were stated",
    xLabel: "segments back",
    yLabel: "share of right answers",
    xs: distancesOf(cells),
    lines: recallSeries(cells).map(({ label, colour, cells: own }) => ({
      label,
      colour: colour.light,
      points: along(own, ({ accuracy }) => accuracy),
    })),
    oracles: [
      {
        label: "chance",
        colour: pageColours.quiet.light,
        dashes: "1 4",
        points: distancesOf(cells).map((x) => ({ x, y: chance })),
      },
    ],
    labelRoom: 140,
  });
}

/** Both figures as tables, then where they come from. */
export function recallTables(cells: readonly RecallCell[]): string {
  const chance = chanceOf(cells);
  const distances = distancesOf(cells);
  const all = (of: (cell: RecallCell) => string): string => [...new Set(cells.map(of))].join("; ");
  const table = (
    figure: (score: RecallScore) => number,
    told: (value: number) => string,
    guess: number,
  ): string => {
    const models = recallSeries(cells).map(({ label, cells: own }) => [
      label,
      ...along(own, figure).map((point) => pointText(point, told)),
    ]);
    const last = ["chance", ...distances.map(() => told(guess))];
    return markdownTable({ head: ["segments back", ...distances.map(String)], rows: [...models, last] });
  };
  const origin = [
    [
      "seeds",
      recallSeries(cells)
        .map(({ label, cells: own }) => `${label} ${own.map(({ seed }) => seed).join(", ")}`)
        .join("; "),
    ],
    [
      "parameters",
      recallSeries(cells)
        .map(({ label, cells: own }) => `${label} ${own[0]?.parameters.toLocaleString("en-GB")}`)
        .join("; "),
    ],
    ["updates", all(({ config }) => config.training.steps.toLocaleString("en-GB"))],
    [
      "held-out questions of each distance",
      distances
        .map((distance, index) => `${distance}: ${all(({ scores }) => String(scores[index]?.questions))}`)
        .join(", "),
    ],
    ["held-out text", all(({ heldOutSha256 }) => `SHA-256 ${heldOutSha256}`)],
    ["machine", all(({ machine }) => machineText(machine))],
    ["versions", all(({ versions }) => versionText(versions))],
    ["command", commandsOf(cells).join("; ")],
  ];
  return [
    "Share of right answers among a name's values, mean of the seeds (least to most):",
    "",
    table(
      ({ accuracy }) => accuracy,
      (value) => value.toFixed(2),
      chance,
    ),
    "",
    "Mean log-probability of the right value among them, nats:",
    "",
    table(
      ({ logProbability }) => logProbability,
      (value) => value.toFixed(2).replace("-", "−"),
      Math.log(chance),
    ),
    "",
    ...origin.map(([label, text]) => `- ${label}: ${text}`),
    "",
  ].join("\n");
}

/** As in `0.84 (0.81 to 0.87)`; the mean alone where there is one seed. */
function pointText({ mean, least, most, each }: MeasuredPoint, told: (value: number) => string): string {
  return each.length === 1 ? told(mean) : `${told(mean)} (${told(least)} to ${told(most)})`;
}
