import {
  collect,
  type Io,
  type ProgramBuilder,
  positiveInteger,
  processIo,
  runProgram,
  wholeNumber,
} from "@infinite-former/command-line";
import { Option } from "commander";
import { presets } from "./config/presets.js";
import { modelNames } from "./model/names.js";
import { dialogueVersion } from "./version.js";

/**
 * The command line `dialogue`.
 *
 * @param argv arguments after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong arguments, configuration
 *   or input, 130 or 143 stopped by SIGINT or SIGTERM after saving.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const program = {
    name: "dialogue",
    description: "GPT-2 that talks about a document it has read: CMU-DoG, with a memory or without.",
    version: dialogueVersion(),
  };
  return runProgram(program, argv, io, addVerbs);
}

function addVerbs({ call, verb, run }: ProgramBuilder): void {
  const names = presets.map(({ name, about }) => `${name} (${about})`).join("; ");
  const data = "CMU-DoG: its folder or a .tar.gz of it (default: cmu-dog.tar.gz in INFINITE_FORMER_DATA)";
  verb("train", "fine-tune a model on the responses of CMU-DoG; ctrl-C once saves and stops")
    .option("--model <name>", `${modelNames.join(", ")} (default: gpt2-infinite-sticky)`)
    .option("--from <folder>", "weights to start from, in Hugging Face layout (default: new ones)")
    .option("--data <path>", data)
    .option("--preset <name>", `${names} (default: small)`)
    .option("--set <path=value>", "one setting, as in training.batchSize=4; may be repeated", collect, [])
    .option("--steps <n>", "training.steps", positiveInteger)
    .option("--seed <n>", "of weights, order and dropout (default: 1)", wholeNumber)
    .option("--out <dir>", "folder of the run (default: runs/dialogue/MODEL-SEED)")
    .option("--resume", "go on with the run in that folder")
    .option("--json", "the outcome as one JSON document")
    .action(
      run(async (_, options) =>
        (await import("./train/train-command.js")).trainCommand(call, options as never),
      ),
    );

  verb("evaluate", "perplexity of the responses, and scores of responses that it writes")
    .argument("<dir>", "folder of a run")
    .addOption(new Option("--split <name>").choices(["train", "valid", "test"]).default("test"))
    .option("--data <path>", data)
    .option("--limit <n>", "responses, evenly spread over the split (default: all)", positiveInteger)
    .option("--seed <n>", "of what is drawn", wholeNumber, 1)
    .option("--out <file>", "writes the result as JSON")
    .option("--json", "the result as one JSON document")
    .action(
      run(async ([dir], options) =>
        (await import("./evaluate/evaluate-command.js")).evaluateCommand(
          call,
          dir as string,
          options as never,
        ),
      ),
    );
}
