import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/sorting-table.mjs` writes the sorting benchmark's table
// into README.md, as `sorting report results/sorting/medium` made it.
const page = join(root, "README.md");
const source = "results/sorting/medium/table.md by `node tooling/scripts/sorting-table.mjs`";

/** `text` of README.md with the table of the medium preset. */
export function withSortingTable(text) {
  return withGenerated(
    text,
    source,
    readFileSync(join(root, "results/sorting/medium/table.md"), "utf8").trimEnd(),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withSortingTable(readFileSync(page, "utf8")));
}
