import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/language-table.mjs` writes the tables of docs/language.md from results/language/small
// (language-grid.mjs fills it), and of docs/gpt2.md from results/gpt2 (gpt2-grid.mjs).

const language = {
  page: "docs/language.md",
  part: "test",
  titles: {
    "transformer-xl": "Transformer-XL",
    compressive: "Compressive Transformer",
    "infinite-former": "∞-former",
    "infinite-former-sticky": "∞-former, sticky memories",
  },
};

/** What each grid's page shows: models in order, and what the evaluated part is called. */
const grids = {
  "results/language/small": language,
  "results/language/small-normal": language,
  "results/gpt2": {
    page: "docs/gpt2.md",
    part: "validation",
    titles: {
      gpt2: "GPT-2",
      "gpt2-compressive": "GPT-2, compressed memory",
      "gpt2-infinite": "GPT-2, ∞-memory",
      "gpt2-infinite-sticky": "GPT-2, sticky ∞-memory",
    },
  },
};

/** Folders of results, the page that each fills, and what there is to fill it with. */
export const languagePages = Object.entries(grids).map(([folder, { page }]) => ({
  folder,
  page,
  results: () => resultsOf(folder),
}));

function resultsOf(folder) {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => JSON.parse(readFileSync(join(root, folder, name), "utf8")));
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** Mean, and each in the order of the seeds where there are several. */
function spread(own, value, digits) {
  const each = own.map(value);
  const told = mean(each).toFixed(digits);
  return each.length === 1 ? told : `${told} (${each.map((one) => one.toFixed(digits)).join(", ")})`;
}

/** The results as Markdown: always the same text from the same files. */
export function languageTable(folder, results) {
  if (results.length === 0) return "No results yet.";
  const { titles, part } = grids[folder];
  const rows = Object.entries(titles).flatMap(([model, title]) => {
    const own = results.filter((one) => one.model === model).sort((a, b) => a.seed - b.seed);
    if (own.length === 0) return [];
    const cells = [
      title,
      own[0].parameters.toLocaleString("en"),
      spread(own, ({ test }) => test.perWordPerplexity, 2),
      spread(own, ({ test }) => test.loss, 4),
      own.map(({ seed }) => seed).join(", "),
    ];
    return [`| ${cells.join(" | ")} |`];
  });
  const [{ steps, test, config, corpus, vocabularySize }] = results;
  const commands = distinct(results.map(({ command }) => command.replace(/--seed \S+/, "--seed N")));
  const machines = distinct(results.map(({ machine }) => `${machine.cores} cores ${machine.processor}`));
  const versions = distinct(
    results.flatMap(({ versions: each }) =>
      Object.entries(each).map(([name, version]) => `${name} ${version}`),
    ),
  );
  const size = `${count(corpus.trainTokens)} tokens to train, ${count(vocabularySize)} in the vocabulary`;
  return [
    `| model | parameters | ${part}, perplexity per word | ${part}, nats per token | seeds |`,
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `${count(steps)} updates of ${config.training.batchSize} rows; ${size}; ${part}: ${count(test.tokens)} tokens in ${count(test.words)} words, ${count(test.unknown)} of them outside the vocabulary. On ${machines.join("; ")}; ${versions.join(", ")}.`,
    "",
    ...commands.map((command) => `- \`${command}\``),
  ].join("\n");
}

const count = (number) => number.toLocaleString("en");
const distinct = (texts) => [...new Set(texts)];

/** `text` of the page with the table of `results` between its two marks. */
export function withLanguageTable(text, folder, results) {
  const source = `${folder} by \`node tooling/scripts/language-table.mjs\``;
  return withGenerated(text, source, languageTable(folder, results));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { folder, page, results } of languagePages) {
    const file = join(root, page);
    writeFileSync(file, withLanguageTable(readFileSync(file, "utf8"), folder, results()));
  }
}
