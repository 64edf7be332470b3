import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withGenerated } from "./generated-block.mjs";
import { root } from "./pnpm.mjs";

// `node tooling/scripts/language-table.mjs` writes the table of docs/language.md
// from results/language/small, which language-grid.mjs fills.
const folder = join(root, "results/language/small");
const page = join(root, "docs/language.md");
const source = "results/language/small by `node tooling/scripts/language-table.mjs`";

const titles = {
  "transformer-xl": "Transformer-XL",
  compressive: "Compressive Transformer",
  "infinite-former": "∞-former",
  "infinite-former-sticky": "∞-former, sticky memories",
};

/** Every result. */
export function languageResults() {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** Mean, and each in the order of the seeds where there are several. */
function spread(own, value, digits) {
  const each = own.map(value);
  const told = mean(each).toFixed(digits);
  return each.length === 1 ? told : `${told} (${each.map((one) => one.toFixed(digits)).join(", ")})`;
}

/** The results as Markdown: always the same text from the same files. */
export function languageTable(results) {
  if (results.length === 0) return "No results yet.";
  const rows = Object.entries(titles).flatMap(([model, title]) => {
    const own = results.filter((one) => one.model === model).sort((a, b) => a.seed - b.seed);
    if (own.length === 0) return [];
    const cells = [
      title,
      own[0].parameters.toLocaleString("en"),
      spread(own, ({ test }) => test.perWordPerplexity, 2),
      spread(own, ({ test }) => test.loss, 4),
      spread(own, ({ validationLoss }) => Math.exp(validationLoss), 2),
      own.map(({ seed }) => seed).join(", "),
    ];
    return [`| ${cells.join(" | ")} |`];
  });
  const [{ machine, versions, steps, command, test, training, preset, corpus, vocabularySize }] = results;
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const size = `${corpus.trainTokens.toLocaleString("en")} tokens to train, ${vocabularySize.toLocaleString("en")} words in the vocabulary`;
  return [
    "| model | parameters | test, perplexity per word | test, nats per token | validation, perplexity | seeds |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `${steps.toLocaleString("en")} updates of ${training.batchSize} rows; ${size}; test: ${test.tokens.toLocaleString("en")} tokens in ${test.words.toLocaleString("en")} words, ${test.unknown.toLocaleString("en")} of them outside the vocabulary. On ${machine.cores} cores ${machine.processor}; ${what.join(", ")}. Command, for each model and seed: \`${command.replace(preset, "MODEL-small").replace(/--seed \S+/, "--seed N")}\`.`,
  ].join("\n");
}

/** `text` of the page with the table of `results` between its two marks. */
export function withLanguageTable(text, results) {
  return withGenerated(text, source, languageTable(results));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(page, withLanguageTable(readFileSync(page, "utf8"), languageResults()));
}
