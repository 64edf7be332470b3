import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/recall-table.mjs` writes the recall probe's tables into
// README.md (the first) and docs/recall.md (all, with those of the search), as
// `node benchmarks/recall.js report` made them.
const [probe, search] = ["results/recall/table.md", "results/recall/search/table.md"];
const sourceOf = (file) => `${file} by \`node tooling/scripts/recall-table.mjs\``;
const tables = (file) => readFileSync(join(root, file), "utf8").trimEnd();

/** `text` of README.md with the table of accuracies, and the seeds that they are means of. */
export function withRecallAccuracy(text) {
  const [title, table] = tables(probe).split("\n\n");
  const seeds = tables(probe)
    .split("\n")
    .find((line) => line.startsWith("- seeds: "));
  return withGenerated(text, sourceOf(probe), [title, table, seeds].join("\n\n"));
}

/** `text` of docs/recall.md with all tables, and where they come from. */
export function withRecallTables(text) {
  return [probe, search].reduce((done, file) => withGenerated(done, sourceOf(file), tables(file)), text);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const pages = { "README.md": withRecallAccuracy, "docs/recall.md": withRecallTables };
  for (const [file, write] of Object.entries(pages)) {
    const page = join(root, file);
    writeFileSync(page, write(readFileSync(page, "utf8")));
  }
}
