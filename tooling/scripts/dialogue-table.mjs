import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/dialogue-table.mjs` writes the table of docs/dialogue.md from results/dialogue
// (made by `node tooling/scripts/dialogue-grid.mjs`).
const page = join(root, "docs/dialogue.md");
const folder = join(root, "results/dialogue");
const source = "results/dialogue by `node tooling/scripts/dialogue-table.mjs`";
const names = ["gpt2", "gpt2-compressive", "gpt2-infinite", "gpt2-infinite-sticky"];

/** Results of dialogue, by model and seed; none where there are none. */
export function dialogueResults() {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return files
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
    .sort((a, b) => names.indexOf(a.model) - names.indexOf(b.model) || a.seed - b.seed);
}

const percent = (value) => (100 * value).toFixed(2);

/** The results as a Markdown table. */
export function dialogueTable(results) {
  if (results.length === 0) return "No results yet.";
  const rows = results.map((one) => {
    const { wordOverlap, rouge1, rougeL, meteorWithoutSynonyms } = one.scores;
    return [
      one.model,
      one.seed,
      one.perplexity.toFixed(2),
      percent(wordOverlap.fMeasure),
      percent(rouge1.fMeasure),
      percent(rougeL.fMeasure),
      percent(meteorWithoutSynonyms),
      one.parameters.toLocaleString("en"),
      one.steps.toLocaleString("en"),
      `${(one.seconds / 60).toFixed(1)} min`,
    ].join(" | ");
  });
  const lines = [
    "| model | seed | perplexity | F1 | ROUGE-1 | ROUGE-L | METEOR | parameters | updates | trained in |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ];
  const machines = new Set(results.map(({ machine }) => `${machine.processor}, ${machine.cores} cores`));
  const versions = new Set(
    results.map((one) =>
      Object.entries(one.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ),
  );
  const read = new Set(
    results.map(
      ({ responses, allResponses, split }) => `${responses} of ${allResponses} responses of ${split}`,
    ),
  );
  const commands = new Set(results.map(({ command }) => `\`${command}\``));
  lines.push(
    `Measured on ${[...read].join("; ")}; ${[...machines].join("; ")}; ${[...versions].join("; ")}.`,
    "",
  );
  lines.push(...[...commands].map((command) => `- ${command}`));
  return lines.join("\n");
}

/** `text` of docs/dialogue.md with the table of the results. */
export function withDialogueTable(text, results) {
  return withGenerated(text, source, dialogueTable(results));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withDialogueTable(readFileSync(page, "utf8"), dialogueResults()));
}
