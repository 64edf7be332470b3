import { join } from "node:path";
import { writeFileAtomically } from "@infinite-former/command-line";
import type { CellResult } from "../results/cell-result.js";
import { accuracyFigure } from "./accuracy-figure.js";
import { originOf } from "./origin.js";
import { reportPage } from "./page.js";
import { seriesOf } from "./series.js";
import { cellTable, csvTable, markdownTable, resultTable } from "./table.js";

/**
 * Writes `figure.svg`, `table.md`, `table.csv` and `report.html` beside the
 * cells: always the same bytes from the same cells.
 *
 * @param cells at least one.
 * @returns paths of what was written.
 */
export async function writeReport(
  directory: string,
  cells: readonly CellResult[],
): Promise<{ readonly report: string; readonly figure: string }> {
  const files = {
    "figure.svg": accuracyFigure(cells, seriesOf(cells)),
    "table.md": markdown(cells),
    "table.csv": csvTable(cellTable(cells)),
    "report.html": reportPage(cells),
  };
  for (const [name, text] of Object.entries(files)) await writeFileAtomically(join(directory, name), text);
  return { report: join(directory, "report.html"), figure: join(directory, "figure.svg") };
}

function markdown(cells: readonly CellResult[]): string {
  const origin = originOf(cells).map(([label, text]) => `- ${label}: ${text}`);
  return `${markdownTable(resultTable(cells))}\n\n${origin.join("\n")}\n`;
}
