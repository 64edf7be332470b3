import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { settingValue } from "../config/resolve.js";
import { settingSchemas } from "../config/schema.js";
import type { TokenName } from "../corpus/run-vocabulary.js";
import { modelTitle } from "../models/model-name.js";
import type { MetricsLine } from "../run/metrics.js";
import type { RunConfig } from "../run/run-directory.js";
import { chartScript } from "./chart-script.js";
import { lossCurves } from "./curves.js";
import { escapeHtml, scriptJson } from "./escape.js";
import { reportStyle } from "./style.js";

/** What a report shows. */
export interface ReportContent {
  readonly name: string;
  readonly config: RunConfig;
  readonly metrics: readonly MetricsLine[];
}

/** uPlot's script and style sheet, from the installed package. */
async function chartLibrary(): Promise<{ script: string; style: string }> {
  const { resolve } = createRequire(import.meta.url);
  const [script, style] = await Promise.all([
    readFile(resolve("uplot/dist/uPlot.iife.min.js"), "utf8"),
    readFile(resolve("uplot/dist/uPlot.min.css"), "utf8"),
  ]);
  return { script: script.replaceAll("</script", "<\\/script"), style };
}

/**
 * A run's report: one HTML file with everything in it. Its content security
 * policy forbids every request, so that it opens the same without a network;
 * whatever came from data, arguments or the model is escaped.
 */
export async function renderReport(content: ReportContent): Promise<string> {
  const { name, config, metrics } = content;
  const library = await chartLibrary();
  const curves = lossCurves(metrics);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(name)} – training report</title>
<style>${library.style}</style>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(name)}</h1>
<p class="lead">${escapeHtml(describeRun(config))}</p>
</header>
${figures(config, metrics)}
<section aria-labelledby="losses">
<h2 id="losses">Loss</h2>
<figure>
<div id="chart" role="img" aria-label="${escapeHtml(describeCurves(metrics))}"></div>
<figcaption>${escapeHtml(describeCurves(metrics))}</figcaption>
</figure>
<details><summary>The numbers</summary><div class="scroll">${lossTable(config, metrics)}</div></details>
</section>
${samples(metrics)}
<section aria-labelledby="settings">
<h2 id="settings">Settings</h2>
${table(
  "Every setting of the run",
  ["setting", "value"],
  [...settingSchemas.keys()].map((path) => [path, display(settingValue(config, path))]),
)}
</section>
<section aria-labelledby="origin">
<h2 id="origin">Data, machine and versions</h2>
${table("Where the run comes from", ["what", "value"], origin(config))}
</section>
</main>
<script type="application/json" id="curves">${scriptJson(curves)}</script>
<script>${library.script}</script>
<script>${chartScript}</script>
</body>
</html>
`;
}

function describeRun(config: RunConfig): string {
  const { model, corpus, backend } = config;
  const token = tokenOf(config);
  const level = token === "token" ? "" : `${token === "word" ? "Word" : "Character"}-level `;
  return `${level}${modelTitle(model)}, ${model.layers} layers of width ${model.modelSize}, ${count(config.parameters)} parameters, on ${corpus.source}; backend ${backend.name}`;
}

/** The last full validation, else the last partial one. */
function lastValidation(metrics: readonly MetricsLine[]): MetricsLine | undefined {
  const valid = metrics.filter((line) => line.split === "valid");
  return valid.filter((line) => line.evaluatedTokens === undefined).at(-1) ?? valid.at(-1);
}

function figures(config: RunConfig, metrics: readonly MetricsLine[]): string {
  const valid = lastValidation(metrics);
  const train = metrics.filter((line) => line.split === "train").at(-1);
  const last = metrics.at(-1);
  const token = tokenOf(config);
  const rows: [string, string][] = [
    [`validation loss, nats per ${token}`, valid === undefined ? "–" : valid.loss.toFixed(4)],
    token === "character"
      ? ["bits per character", valid === undefined ? "–" : (valid.loss / Math.LN2).toFixed(4)]
      : [`perplexity per ${token}`, valid === undefined ? "–" : Math.exp(valid.loss).toPrecision(5)],
    ["training loss", train === undefined ? "–" : train.loss.toFixed(4)],
    ["steps", `${count(last?.step ?? 0)} of ${count(config.training.steps)}`],
    [`${token}s trained on`, count(train?.tokens ?? 0)],
    ["training time", last === undefined ? "–" : duration(last.seconds)],
    [`${token}s per second`, train === undefined ? "–" : count(Math.round(train.tokensPerSecond))],
  ];
  const cells = rows.map(
    ([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="figures">\n${cells.join("\n")}\n</dl>`;
}

function describeCurves(metrics: readonly MetricsLine[]): string {
  const parts = (["train", "valid"] as const).flatMap((split) => {
    const lines = metrics.filter((line) => line.split === split);
    const [first, last] = [lines[0], lines.at(-1)];
    if (first === undefined || last === undefined) return [];
    const name = split === "train" ? "training" : "validation";
    return [
      `${name} loss from ${first.loss.toFixed(3)} at step ${first.step} to ${last.loss.toFixed(3)} at step ${last.step}`,
    ];
  });
  if (parts.length === 0) return "No losses were reported yet.";
  const partial = metrics.some((line) => line.evaluatedTokens !== undefined);
  const remark = partial
    ? " Evaluations under way read a part of the validation split; the last reads all of it."
    : "";
  const text = parts.join("; ");
  return `${text[0]!.toUpperCase()}${text.slice(1)}.${remark}`;
}

function lossTable(config: RunConfig, metrics: readonly MetricsLine[]): string {
  const stride = Math.max(1, Math.ceil(metrics.length / 200));
  const shown = metrics.filter((line, index) => line.split === "valid" || index % stride === 0);
  return table(
    "Reports of metrics.jsonl",
    ["step", "split", "loss", "learning rate", `${tokenOf(config)}s per second`, "seconds"],
    shown.map((line) => [
      String(line.step),
      line.split === "train"
        ? "train"
        : line.evaluatedTokens === undefined
          ? "valid"
          : `valid (${count(line.evaluatedTokens)} read)`,
      line.loss.toFixed(4),
      line.lr.toExponential(2),
      count(Math.round(line.tokensPerSecond)),
      line.seconds.toFixed(1),
    ]),
  );
}

function samples(metrics: readonly MetricsLine[]): string {
  const lines = metrics
    .filter((line) => line.sample !== undefined)
    .slice(-8)
    .reverse();
  if (lines.length === 0) return "";
  const articles = lines.map(
    (line) =>
      `<article><h3>after step ${line.step}</h3><pre>${escapeHtml(line.sample ?? "")}</pre></article>`,
  );
  return `<section aria-labelledby="samples">\n<h2 id="samples">Samples</h2>\n${articles.join("\n")}\n</section>`;
}

function vocabularyText(vocabulary: RunConfig["vocabulary"]): string {
  if ("sha256" in vocabulary)
    return `${count(vocabulary.size)} ${vocabulary.kind === "words" ? "words" : "byte pairs"}`;
  return `${vocabulary.length} characters and one unknown symbol`;
}

/** What a token of a run is. */
function tokenOf({ vocabulary }: RunConfig): TokenName {
  return !("sha256" in vocabulary) ? "character" : vocabulary.kind === "words" ? "word" : "token";
}

function origin(config: RunConfig): [string, string][] {
  const { corpus, backend } = config;
  return [
    [
      "corpus",
      `${corpus.source}: ${count(corpus.characters)} characters, ${count(corpus.trainTokens)} ${tokenOf(config) === "character" ? "" : `${tokenOf(config)}s `}train, ${count(corpus.validTokens)} validate`,
    ],
    ["SHA-256 of the text", config.dataSha256],
    ["vocabulary", vocabularyText(config.vocabulary)],
    ["parameters", count(config.parameters)],
    ["preset", config.preset],
    ["seed", String(config.seed)],
    ["command", config.command],
    ["begun", config.created],
    ["backend", [backend.name, backend.version, backend.device].filter((part) => part !== null).join(", ")],
    ...Object.entries(config.machine).map(([key, value]): [string, string] => [
      `machine: ${key}`,
      String(value),
    ]),
    ...Object.entries(config.versions).map(([key, value]): [string, string] => [`version: ${key}`, value]),
  ];
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const heads = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join("");
  const body = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  return `<table class="plain"><caption>${escapeHtml(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

function display(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function count(value: number): string {
  return value.toLocaleString("en-GB");
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
