import { escape as escapeHtml } from "html-escaper";
import type { CellResult } from "../results/cell-result.js";
import { accuracyFigure } from "./accuracy-figure.js";
import { curveFigure, memoryFigure, positionFigure, timeFigure } from "./detail-figures.js";
import { originOf } from "./origin.js";
import { type Series, seriesOf } from "./series.js";
import { reportStyle } from "./style.js";
import { cellSummary, resultTable, type Table } from "./table.js";

/**
 * The report as one HTML page with everything in it, without a script. Its
 * content security policy forbids every request, so that it opens the same
 * without a network.
 */
export function reportPage(cells: readonly CellResult[]): string {
  const series = seriesOf(cells);
  const preset = cells[0]?.preset ?? "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Sorting, preset ${escapeHtml(preset)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>Sorting symbols by their frequency</h1>
<p class="lead">Preset ${escapeHtml(preset)}: ${cells.length} cells. Each model reads a sequence of symbols once, then names them, the most frequent first; an answer counts as right given the true ones before it.</p>
</header>
${section("accuracy", "Accuracy against length", `${figure(accuracyFigure(cells, series), "Lines go through the mean of the seeds, bars from the worst to the best; dots are single seeds. Dashed: what counting symbols reaches without learning.")}\n${table("Share of right answers: mean, worst and best seed", resultTable(cells))}`)}
${section("positions", "By place in the answer", `${key(series)}\n${figure(positionFigure(cells, series), "The first place asks for the most frequent symbol. Towards the end few symbols are left to choose from.")}`)}
${section("curves", "Learning curves", `${key(series)}\n${figure(curveFigure(cells, series), "Training sequences are never seen twice, so these are shares on unseen sequences too.")}`)}
${section("costs", "Time and memory", `${key(series)}\n${figure(timeFigure(cells, series), "Seconds an update takes, mean of the seeds.")}\n${figure(memoryFigure(cells, series), "Largest resident memory of the process, mean of the seeds.")}`)}
${section("cells", "Every cell", table("Place by place: table.csv", cellSummary(cells)))}
${section("origin", "Data, machine and versions", table("Where the figures come from", { head: ["what", "value"], rows: originOf(cells) }))}
</main>
</body>
</html>
`;
}

function section(id: string, heading: string, content: string): string {
  return `<section aria-labelledby="${id}">\n<h2 id="${id}">${heading}</h2>\n${content}\n</section>`;
}

function figure(svg: string, caption: string): string {
  return `<figure>\n<div class="scroll">${svg}</div>\n<figcaption>${escapeHtml(caption)}</figcaption>\n</figure>`;
}

function key(series: readonly Series[]): string {
  const entries = series.map(({ label, colour }) => {
    const swatch = `<svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" fill="${colour.light}"/></svg>`;
    return `<li>${swatch}${escapeHtml(label)}</li>`;
  });
  return `<ul class="key">${entries.join("")}</ul>`;
}

function table(caption: string, { head, rows }: Table): string {
  const heads = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join("");
  const body = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table></div>`;
}
