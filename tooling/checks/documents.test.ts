import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { baseConfig } from "../../apps/trainer/src/config/presets.js";
import { charSizes, charStyle } from "../../benchmarks/src/char-sizes.js";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withBasesTable } from "../scripts/bases-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { benchReports, withBenchTable, withSpeedTables } from "../scripts/bench-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { dialogueResults, dialogueTable, withDialogueTable } from "../scripts/dialogue-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { languagePages, languageTable, withLanguageTable } from "../scripts/language-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withMemoryTables } from "../scripts/memory-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withNumerics } from "../scripts/numerics-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { presetResults, withPresetTable } from "../scripts/preset-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { readingReports, readingTables, withReadingTables } from "../scripts/reading-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withRecallAccuracy, withRecallTables } from "../scripts/recall-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withReliability } from "../scripts/reliability-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { withSortingTable } from "../scripts/sorting-table.mjs";
import { layers } from "./layers.js";
import { publishedPackages, root } from "./workspace.js";

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/add-memory.md",
  "docs/architecture.md",
  "docs/bases.md",
  "docs/dialogue.md",
  "docs/gpt2.md",
  "docs/gradients.md",
  "docs/kernels.md",
  "docs/memory.md",
  "docs/messages.md",
  "docs/numerics.md",
  "docs/paper-map.md",
  "docs/language.md",
  "docs/presets.md",
  "docs/reading.md",
  "docs/recall.md",
  "docs/reliability.md",
  "docs/sorting.md",
  "docs/speed.md",
  "docs/threat-model.md",
  ...publishedPackages().map(({ folder }) => `${folder}/README.md`),
];

/** What runs each command of the root README: a file of the repository, and the words in it that do. */
const executed: Readonly<Record<string, readonly [file: string, words: string]>> = {
  "npm start": ["package.json", '"start": "node tooling/scripts/start.mjs"'],
  "npm test": [".ci/run", "npm test"],
  "npm run setup": ["tooling/scripts/test.mjs", "await prepareOrExit()"],
  "pnpm --silent infinite-former presets": [".ci/run", "infinite-former presets"],
  "pnpm --silent infinite-former doctor": [".ci/run", "infinite-former doctor"],
  "pnpm --silent infinite-former train --preset tiny": [".ci/run", "infinite-former train --preset tiny"],
  "pnpm golden tooling/golden/fixtures": [".ci/run", "golden tooling/golden/fixtures"],
  "pnpm bench --json bench.json": [".ci/run", "bench --only op-overhead"],
  "pnpm turbo run build": ["tooling/scripts/prepare.mjs", 'turbo(["build"])'],
  "pnpm typecheck": [".ci/run", "pinned typecheck"],
  "pnpm lint": [".ci/run", "pinned lint"],
};

describe("the root README", () => {
  it("shows only commands that something here executes", () => {
    const blocks = [...read("README.md").matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
    const lines = blocks.flatMap((block) => block.trim().split("\n"));
    const commands = lines.map((line) => line.replace(/\s+#.*$/, ""));
    expect(commands.sort()).toEqual(Object.keys(executed).sort());
    for (const [file, words] of Object.values(executed)) expect(read(file)).toContain(words);
  });

  it("lists every published package", () => {
    const readme = read("README.md");
    for (const { folder, manifest } of publishedPackages()) {
      expect(readme).toContain(`| [\`${manifest.name}\`](${folder}/README.md) |`);
    }
  });

  it("shows the figures that the result files give: node tooling/scripts/bench-table.mjs", () => {
    const readme = read("README.md");
    expect(withBenchTable(readme, benchReports())).toBe(readme);
  });
});

describe("docs/speed.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/bench-table.mjs", () => {
    const page = read("docs/speed.md");
    expect(withSpeedTables(page, benchReports())).toBe(page);
  });
});

describe("README.md", () => {
  it("shows the sorting benchmark's table: node tooling/scripts/sorting-table.mjs", () => {
    const page = read("README.md");
    expect(withSortingTable(page)).toBe(page);
  });

  it("shows the recall probe's accuracies: node tooling/scripts/recall-table.mjs", () => {
    const page = read("README.md");
    expect(withRecallAccuracy(page)).toBe(page);
  });
});

describe("docs/recall.md", () => {
  it("shows what the result files give: node tooling/scripts/recall-table.mjs", () => {
    const page = read("docs/recall.md");
    expect(withRecallTables(page)).toBe(page);
  });
});

describe("docs/reading.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/reading-table.mjs", () => {
    const page = read("docs/reading.md");
    expect(withReadingTables(page, readingReports())).toBe(page);
  });

  it("has a line for every station and corpus", () => {
    const station = (bytes: number): object => ({
      bytes,
      secondsPerByte: 0.0000123,
      rssBytes: 300 * 2 ** 20,
      tensors: 55,
    });
    const report = {
      machine: { cores: 2, cpu: "P", vectors: "avx2" },
      versions: { node: "20" },
      command: "node benchmarks/reading.js",
      date: "2026-01-01",
      seed: 1,
    };
    const whole = { token: "words", bytes: 8000, tokens: 2000, seconds: 0.02 };
    const lines = readingTables([
      { ...report, reading: [{ ...whole, course: [station(4000), station(8000)] }], corpora: [] },
      { ...report, reading: [], corpora: [{ bytes: 1e6, peakRssBytes: 512 * 2 ** 20, seconds: 6.7 }] },
    ]).split("\n");
    expect(lines.slice(2, 5)).toEqual([
      "| words | 4,000 | 12.3 | 300 MiB | 55 |",
      "| words | 8,000 | 12.3 | 300 MiB | 55 |",
      "| **words: 2,000** | **8,000** | 2.5; 10.0 a token | | |",
    ]);
    expect(lines[8]).toBe("| 1,000,000 | 512 MiB | 7 |");
    const from = "- `node benchmarks/reading.js`, 2026-01-01, seed 1, on 2 cores, P, avx2; node 20.";
    expect(lines.slice(-2)).toEqual([from, from]);
  });
});

describe("docs/presets.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/preset-table.mjs", () => {
    const page = read("docs/presets.md");
    expect(withPresetTable(page, presetResults())).toBe(page);
  });
});

describe("docs/dialogue.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/dialogue-table.mjs", () => {
    const page = read("docs/dialogue.md");
    expect(withDialogueTable(page, dialogueResults())).toBe(page);
  });

  it("has a row for every result, with F-measures in percent", () => {
    const overlap = (fMeasure: number) => ({ precision: 0.5, recall: 0.6, fMeasure });
    const result = {
      model: "gpt2-infinite",
      seed: 2,
      perplexity: 41.257,
      scores: {
        pairs: 9,
        wordOverlap: overlap(0.12345),
        rouge1: overlap(0.2),
        rougeL: overlap(0.1),
        meteorWithoutSynonyms: 0.05,
      },
      parameters: 7637632,
      steps: 1000,
      seconds: 630,
      responses: 9,
      allResponses: 12085,
      split: "test",
      machine: { processor: "a processor", cores: 2 },
      versions: { node: "20.0.0" },
      command: "dialogue train",
    };
    const lines = dialogueTable([result]).split("\n");
    expect(lines[2]).toBe(
      "| gpt2-infinite | 2 | 41.26 | 12.35 | 20.00 | 10.00 | 5.00 | 7,637,632 | 1,000 | 10.5 min |",
    );
    expect(lines[4]).toBe("Measured on 9 of 12085 responses of test; a processor, 2 cores; node 20.0.0.");
    expect(lines.at(-1)).toBe("- `dialogue train`");
  });
});

describe("tables of language models", () => {
  it.each(languagePages)(
    "$page shows the figures that the result files give: node tooling/scripts/language-table.mjs",
    ({ folder, page, results }) => {
      const text = read(page);
      expect(withLanguageTable(text, folder, results())).toBe(text);
    },
  );

  it("tell means and seeds of each model, and how each was trained", () => {
    const cell = (model: string, seed: number, perWordPerplexity: number): object => ({
      model,
      seed,
      parameters: 1234,
      machine: { cores: 2, processor: "P" },
      versions: { node: "20" },
      steps: 4000,
      command: `infinite-former train --preset ${model}-small --seed ${seed} --out DIR`,
      test: { perWordPerplexity, loss: Math.log(perWordPerplexity), tokens: 99, words: 100, unknown: 7 },
      config: { training: { batchSize: 8 } },
      corpus: { trainTokens: 2_000_000 },
      vocabularySize: 19_418,
    });
    const table = languageTable("results/language/small", [
      cell("infinite-former", 2, 90),
      cell("transformer-xl", 1, 100),
      cell("infinite-former", 1, 80),
    ]);
    expect(table).toContain("| Transformer-XL | 1,234 | 100.00 | 4.6052 | 1 |");
    expect(table).toContain("| ∞-former | 1,234 | 85.00 (80.00, 90.00) | 4.4409 (4.3820, 4.4998) | 1, 2 |");
    expect(table.indexOf("Transformer-XL")).toBeLessThan(table.indexOf("∞-former"));
    expect(table.split("\n").filter((line) => line.startsWith("- "))).toEqual([
      "- `infinite-former train --preset infinite-former-small --seed N --out DIR`",
      "- `infinite-former train --preset transformer-xl-small --seed N --out DIR`",
    ]);
    expect(table).toContain("2,000,000 tokens to train, 19,418 in the vocabulary");
    expect(table).toContain("On 2 cores P; node 20.");
  });
});

describe("docs/bases.md", () => {
  it("shows the figures that the result file gives: node tooling/scripts/bases-table.mjs", () => {
    const page = read("docs/bases.md");
    expect(withBasesTable(page)).toBe(page);
  });
});

describe("docs/numerics.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/numerics-table.mjs", () => {
    const page = read("docs/numerics.md");
    expect(withNumerics(page)).toBe(page);
  });
});

describe("docs/memory.md", () => {
  it("shows the figures that the result files give: node tooling/scripts/memory-table.mjs", () => {
    const page = read("docs/memory.md");
    expect(withMemoryTables(page)).toBe(page);
  });
});

describe("docs/reliability.md", () => {
  it("shows what the result file gives: node tooling/scripts/reliability-table.mjs", () => {
    const page = read("docs/reliability.md");
    expect(withReliability(page)).toBe(page);
  });
});

describe("the benchmark's training step", () => {
  it("is that of the trainer's default preset", () => {
    const { batch, vocabularySize: _, ...sizes } = charSizes;
    expect(baseConfig.model).toMatchObject({ ...sizes, ...charStyle });
    expect(baseConfig.training.batchSize).toBe(batch);
  });
});

describe("docs/architecture.md", () => {
  it("has a row for every package of the table of layers", () => {
    const text = read("docs/architecture.md");
    for (const name of Object.keys(layers)) expect(text).toContain(`| \`${name}\` |`);
  });
});

describe.each(documents)("%s", (file) => {
  it("links only to files that there are", () => {
    const targets = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, to]) => to ?? "",
    );
    expect(targets.filter((to) => !existsSync(join(root, dirname(file), to)))).toEqual([]);
  });
});
