import { join, resolve } from "node:path";
import process from "node:process";
import {
  type CommandCall,
  type CommonOptions,
  type Io,
  listenForStops,
  notice,
  type ProgramBuilder,
  processIo,
  result,
  runProgram,
  shown,
  stopCode,
  takeBackend,
  UsageError,
} from "@infinite-former/command-line";
import { readRecallCells } from "./recall/cell-files.js";
import { type RecallModelName, recallModels } from "./recall/model-names.js";
import type { RecallConfig } from "./recall/recall-config.js";
import { recallTables, writeRecallReport } from "./recall/recall-report.js";
import { recallSettings, recallVariants, variantSettings } from "./recall/recall-settings.js";
import { runRecall } from "./recall/run-recall.js";
import { benchmarksVersion } from "./version.js";

// `node benchmarks/recall.js run|report`: measures and draws docs/recall.md.
process.exitCode = await runProgram(
  {
    name: "recall",
    description:
      "How well models with different memories still use a fact that was stated some segments back.",
    version: benchmarksVersion(),
  },
  process.argv.slice(2),
  processIo(),
  addVerbs,
);

function addVerbs({ call, verb, run }: ProgramBuilder): void {
  const { io } = call;
  verb("run", "train and ask every model that --out has no result of; ctrl-C leaves what is finished")
    .option("--models <list>", `some of ${recallModels.join(",")}`, recallModels.join(","))
    .option("--seeds <list>", "as in 1,2", "1")
    .option("--variants <list>", `the search before the probe: some of ${recallVariants.join(",")}`)
    .requiredOption("--out <dir>", "folder of the results")
    .action(run((_, options) => measure(call, options as unknown as MeasureOptions)));
  verb("report", "figure.svg and table.md from the results of a folder")
    .argument("<dir>", "folder of results")
    .action(run(([directory]) => report(io, resolve(io.cwd, directory as string))));
}

interface MeasureOptions extends CommonOptions {
  readonly models: string;
  readonly seeds: string;
  readonly variants?: string;
  readonly out: string;
}

async function measure({ io, typed }: CommandCall, options: MeasureOptions): Promise<number> {
  const models = named("--models", options.models, recallModels);
  const { variants: list } = options;
  const variants = list === undefined ? [null] : named("--variants", list, recallVariants);
  const seeds = seedList(options.seeds);
  const directory = resolve(io.cwd, options.out);
  const command = `node benchmarks/recall.js ${typed.slice("recall ".length)}`;
  const { signal, dispose } = listenForStops((name) => {
    notice(io, `${name}: finishing this step; once more to end at once`);
  });
  try {
    const backend = await takeBackend(io, options.backend);
    for (const variant of variants) {
      const configOf = (model: RecallModelName): RecallConfig =>
        variant === null ? recallSettings(model) : variantSettings(model, variant);
      const work = { io, models, seeds, configOf, variant, directory, backend, command, signal };
      if (!(await runRecall(work))) return stopCode(signal);
    }
    return await report(io, directory);
  } finally {
    dispose();
  }
}

async function report(io: Io, directory: string): Promise<number> {
  const cells = await readRecallCells(directory);
  await writeRecallReport(directory, cells);
  result(io, recallTables(cells));
  result(io, `figure: ${join(directory, "figure.svg")}`);
  return 0;
}

/** @throws {UsageError} `ERR_USAGE` for a name that is not known. */
function named<Name extends string>(option: string, list: string, known: readonly Name[]): Name[] {
  return list.split(",").map((text) => {
    const name = known.find((one) => one === text);
    if (name !== undefined) return name;
    throw new UsageError(`${option}: there is ${known.join(", ")}, got ${shown(text)}`);
  });
}

/** @throws {UsageError} `ERR_USAGE` for what is no whole number. */
function seedList(list: string): number[] {
  return list.split(",").map((text) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new UsageError(`--seeds: must be whole numbers, as in 1,2, got ${shown(text)}`);
  });
}
