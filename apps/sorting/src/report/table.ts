import { duration } from "@infinite-former/command-line";
import type { CellResult } from "../results/cell-result.js";
import { lengthsOf, meanOf, type Series, type SeriesPoint, seriesOf } from "./series.js";

/** A table of text. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const share = (value: number): string => value.toFixed(3);
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** The result of each model, length by length, with what it costs; then what needs no training. */
export function resultTable(cells: readonly CellResult[]): Table {
  const series = seriesOf(cells);
  const lengths = lengthsOf(cells);
  const at = ({ points }: Series, length: number): SeriesPoint | undefined =>
    points.find((point) => point.length === length);
  const models = series.map((one) => {
    const own = one.points.flatMap((point) => point.cells);
    const longest = one.points.at(-1)?.cells ?? [];
    return [
      one.label,
      (own[0]?.parameters ?? 0).toLocaleString("en-GB"),
      ...lengths.map((length) => accuracyText(at(one, length))),
      meanOf(longest.map(({ secondsPerStep }) => secondsPerStep)).toFixed(3),
      mebibytes(Math.max(...own.map(({ peakRssBytes }) => peakRssBytes))),
    ];
  });
  const baselines = baselineRows(cells, series).map(({ label, of }) => [
    label,
    "",
    ...lengths.map((length) => {
      const value = of(length);
      return value === null ? "" : share(value);
    }),
    "",
    "",
  ]);
  return {
    head: ["model", "parameters", ...lengths.map(String), "s an update", "peak memory"],
    rows: [...models, ...baselines],
  };
}

/** As in `.676 (.672 to .680, 2 seeds)`. */
function accuracyText(point: SeriesPoint | undefined): string {
  if (point === undefined) return "";
  const { mean, least, most, cells } = point;
  if (cells.length === 1) return `${share(mean)} (seed ${cells[0]?.seed})`;
  return `${share(mean)} (${share(least)} to ${share(most)}, ${cells.length} seeds)`;
}

/** A row of figures that need no training; `null` where a length has none. */
interface BaselineRow {
  readonly label: string;
  readonly of: (length: number) => number | null;
}

function baselineRows(cells: readonly CellResult[], series: readonly Series[]): BaselineRow[] {
  const mean =
    (among: readonly CellResult[], of: (cell: CellResult) => number) =>
    (length: number): number | null => {
      const there = among.filter((cell) => cell.length === length);
      return there.length === 0 ? null : meanOf(there.map(of));
    };
  return [
    { label: "chance", of: mean(cells, ({ baselines }) => baselines.chance) },
    { label: "chance among unused symbols", of: mean(cells, ({ baselines }) => baselines.unused) },
    ...series.map(({ label, points }) => ({
      label: `counting what the ${label} attends to directly`,
      of: mean(
        points.flatMap((point) => point.cells),
        ({ baselines }) => baselines.countingVisible,
      ),
    })),
    { label: "counting all, ties at random", of: mean(cells, ({ baselines }) => baselines.countingAll) },
    { label: "counting all, ties by first occurrence", of: () => 1 },
  ];
}

/** A table as Markdown. */
export function markdownTable({ head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.map(escapePipes).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function escapePipes(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A table as CSV (RFC 4180, but with line feeds). */
export function csvTable({ head, rows }: Table): string {
  const field = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

/** Every cell as a row, as a reader wants it. */
export function cellSummary(cells: readonly CellResult[]): Table {
  return {
    head: ["model", "symbols", "seed", "accuracy", "updates", "s an update", "training", "peak memory"],
    rows: seriesOf(cells).flatMap(({ label, points }) =>
      points.flatMap((point) =>
        point.cells.map(({ length, seed, accuracy, steps, secondsPerStep, seconds, peakRssBytes }) => [
          label,
          String(length),
          String(seed),
          accuracy.toFixed(4),
          steps.toLocaleString("en-GB"),
          secondsPerStep.toFixed(3),
          duration(seconds),
          mebibytes(peakRssBytes),
        ]),
      ),
    ),
  };
}

/** Every cell as a row, with all its figures. */
export function cellTable(cells: readonly CellResult[]): Table {
  const places = Math.max(...cells.map(({ accuracyByPosition }) => accuracyByPosition.length));
  const columns: readonly [string, (cell: CellResult) => string | number][] = [
    ["preset", ({ preset }) => preset],
    ["model", ({ model }) => model],
    ["variant", ({ variant = "" }) => variant],
    ["length", ({ length }) => length],
    ["seed", ({ seed }) => seed],
    ["accuracy", ({ accuracy }) => accuracy],
    ["heldOutSequences", ({ heldOutSequences }) => heldOutSequences],
    ["parameters", ({ parameters }) => parameters],
    ["steps", ({ steps }) => steps],
    ["seconds", ({ seconds }) => seconds],
    ["secondsPerStep", ({ secondsPerStep }) => secondsPerStep],
    ["peakRssBytes", ({ peakRssBytes }) => peakRssBytes],
    ["countingVisible", ({ baselines }) => baselines.countingVisible],
    ["countingAll", ({ baselines }) => baselines.countingAll],
    ["dataSha256", ({ dataSha256 }) => dataSha256],
    ...Array.from({ length: places }, (_, index): [string, (cell: CellResult) => string | number] => [
      `accuracy${index + 1}`,
      ({ accuracyByPosition }) => accuracyByPosition[index] ?? "",
    ]),
  ];
  return {
    head: columns.map(([name]) => name),
    rows: cells.map((cell) => columns.map(([, of]) => String(of(cell)))),
  };
}
