import { collect, type Io, type ProgramBuilder, processIo, runProgram } from "@infinite-former/command-line";
import { presets } from "./config/presets.js";
import { modelNames } from "./models/names.js";
import { sortingVersion } from "./version.js";

/**
 * The command line `sorting`.
 *
 * @param argv arguments after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong arguments, configuration
 *   or input, 130 or 143 stopped by SIGINT or SIGTERM after saving.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const program = {
    name: "sorting",
    description: "The paper's sorting experiment: models with different memories, on ever longer sequences.",
    version: sortingVersion(),
  };
  return runProgram(program, argv, io, addVerbs);
}

function addVerbs({ call, verb, run }: ProgramBuilder): void {
  const names = presets.map(({ name, about }) => `${name} (${about})`).join("; ");
  verb("run", "train and score the cells of a preset; ctrl-C once saves and stops")
    .option("--preset <name>", `what is computed: ${names}`, "small")
    .option("--models <list>", `some of ${modelNames.join(",")}`)
    .option("--lengths <list>", "symbols before the separator, as in 236,492")
    .option("--seeds <list>", "as in 1,2")
    .option(
      "--set <path=value>",
      "one setting, as in model.longTerm.basisCount=128; may be repeated",
      collect,
      [],
    )
    .option("--variant <name>", "what cells with --set are called")
    .option("--out <dir>", "folder of the results (default: runs/sorting/PRESET)")
    .option("--resume", "go on: finished cells are kept, a begun one continues")
    .option("--json", "the finished cells as one JSON document")
    .action(
      run(async (_, options) => (await import("./grid/run-command.js")).runCommand(call, options as never)),
    );

  verb("report", "figure.svg, table.md, table.csv and report.html from the finished cells of a folder")
    .argument("<dir>", "folder of results")
    .action(
      run(async ([dir]) => (await import("./report/report-command.js")).reportCommand(call, dir as string)),
    );

  verb("cell", "one cell of a grid, in a process of its own", { hidden: true })
    .argument("<dir>")
    .argument("<name>")
    .action(
      run(async ([dir, name], options) =>
        (await import("./grid/cell-command.js")).cellCommand(
          call,
          dir as string,
          name as string,
          options as never,
        ),
      ),
    );
}
